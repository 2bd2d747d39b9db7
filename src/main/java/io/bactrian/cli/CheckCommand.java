package io.bactrian.cli;

import io.bactrian.ExitCode;
import io.bactrian.config.Settings;
import io.bactrian.pipeline.CheckResult;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "check",
        description =
                "Check configuration, server, privileges, programs, keys, store and disk, before a backup needs them.",
        mixinStandardHelpOptions = true)
final class CheckCommand implements Callable<Integer> {
    @Mixin
    private Databases databases;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        List<Settings> chosen = databases.chosen(Invocation.settings());
        return Databases.each(chosen, spec.commandLine().getErr(), settings -> {
            if (!settings.name().isEmpty()) {
                spec.commandLine().getOut().println("Database " + settings.name());
            }
            return check(settings);
        });
    }

    private int check(Settings settings) {
        List<CheckResult> results = CheckResult.of(Invocation.call(settings, "check", Map.of()));
        PrintWriter out = spec.commandLine().getOut();
        boolean failed = false;
        for (CheckResult line : results) {
            failed |= line.outcome() == CheckResult.Outcome.FAIL;
            out.printf("%-4s  %-13s %s%n", line.outcome().label(), line.subject(), line.finding());
            if (line.hint() != null) {
                out.printf("      %-13s Hint: %s%n", "", line.hint());
            }
        }
        return (failed ? ExitCode.PRECONDITION : ExitCode.DONE).number();
    }
}
