package io.bactrian.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.bactrian.ExitCode;
import io.bactrian.config.Settings;
import io.bactrian.pipeline.Cleanup;
import io.bactrian.pipeline.CleanupOutcome;
import io.bactrian.pipeline.Sizes;
import io.bactrian.repository.Json;
import io.bactrian.repository.RetentionPlan;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "cleanup",
        description = "Delete what no rule of retention (BACKUP_RETENTION_…) keeps.",
        mixinStandardHelpOptions = true)
final class CleanupCommand implements Callable<Integer> {
    @Option(names = "--dry-run", description = "Only say what would be deleted, and why.")
    private boolean dryRun;

    @Option(names = "--store", paramLabel = "NAME", description = "Only in this store.")
    private String store;

    @Option(names = "--json", description = "Everything that stays or goes, as JSON.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws JsonProcessingException {
        Map<String, Object> properties = new HashMap<>(Map.of(Cleanup.DRY_RUN, dryRun));
        if (store != null) {
            properties.put(Cleanup.ONLY, store);
        }
        List<CleanupOutcome> outcomes = new ArrayList<>();
        for (Settings repository : Repositories.of(Invocation.settings())) {
            List<?> body = Invocation.call(repository, "cleanup", properties)
                    .getMessage()
                    .getBody(List.class);
            body.stream().map(CleanupOutcome.class::cast).forEach(outcomes::add);
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(Json.mapper().writerWithDefaultPrettyPrinter().writeValueAsString(outcomes));
        } else {
            outcomes.forEach(outcome -> print(outcome, out));
        }
        return exitCode(outcomes);
    }

    private static int exitCode(List<CleanupOutcome> outcomes) {
        if (outcomes.stream().anyMatch(outcome -> outcome.error() != null)) {
            return ExitCode.FAILED.number();
        }
        return (outcomes.stream().anyMatch(CleanupOutcome::isRefused) ? ExitCode.PRECONDITION : ExitCode.DONE).number();
    }

    private void print(CleanupOutcome outcome, PrintWriter out) {
        PrintWriter err = spec.commandLine().getErr();
        out.println("Store " + outcome.store());
        if (outcome.plan() != null) {
            CleanupLines.of(outcome.plan()).forEach(line -> out.println("  " + line));
            summary(outcome, out);
        }
        if (outcome.isRefused()) {
            err.println("Error: nothing is deleted in " + outcome.store() + ": "
                    + outcome.plan().refusal());
            err.println("Hint: " + CleanupOutcome.REFUSED_HINT);
        }
        if (outcome.error() != null) {
            err.println("Error: " + outcome.store() + ": " + outcome.error());
            err.println("Hint: " + outcome.hint());
        }
    }

    private static void summary(CleanupOutcome outcome, PrintWriter out) {
        List<RetentionPlan.Item> deletions = outcome.plan().deletions();
        long bytes = deletions.stream().mapToLong(RetentionPlan.Item::bytes).sum();
        int kept = outcome.plan().kept().size();
        out.println(
                outcome.dryRun()
                        ? "Would delete: " + deletions.size() + ", " + Sizes.text(bytes) + "; would keep: " + kept
                        : "Deleted: " + outcome.deleted() + " of " + deletions.size() + ", " + Sizes.text(bytes)
                                + "; kept: " + kept);
    }
}
