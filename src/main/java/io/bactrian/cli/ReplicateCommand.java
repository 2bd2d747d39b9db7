package io.bactrian.cli;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import io.bactrian.config.Settings;
import io.bactrian.pipeline.Mend;
import io.bactrian.pipeline.Pipeline;
import io.bactrian.pipeline.Replicate;
import io.bactrian.pipeline.Replication;
import io.bactrian.pipeline.Sources;
import io.bactrian.repository.BackupId;
import io.bactrian.repository.Store;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.camel.Exchange;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "replicate",
        description = "Bring every store up to date: copy to each what it lacks.",
        mixinStandardHelpOptions = true)
final class ReplicateCommand implements Callable<Integer> {
    @Option(names = "--to", paramLabel = "STORE", description = "Only to this store; default: to all.")
    private String to;

    @Option(
            names = "--from",
            paramLabel = "STORE",
            description = "Also bring backups here that only this store has; default: only what a backup here lacks.")
    private String from;

    @Option(
            names = "--again",
            paramLabel = "ID",
            description = "Replace every copy of this backup by a sound one: after `test` has found one damaged.")
    private String again;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        return Databases.each(
                Repositories.of(Invocation.settings()), spec.commandLine().getErr(), this::replicate);
    }

    private int replicate(Settings settings) {
        List<Store> further = settings.furtherStores();
        if (further.isEmpty()) {
            throw Failure.usage(
                    "there is no store besides the local one",
                    "Name one in BACKUP_STORES or BACKUP_S3_BUCKET; docs/stores.md says how.");
        }
        Map<String, Object> properties = new HashMap<>();
        properties.put(Replicate.TARGETS, to == null ? further : List.of(FromStore.named(to, further)));
        if (from != null) {
            properties.put(Mend.WHOLE_FROM, FromStore.named(from, further));
        }
        if (again != null) {
            properties.put(
                    Mend.AGAIN,
                    BackupId.parse(again)
                            .orElseThrow(() ->
                                    Failure.usage(again + " is no backup's id", "`bactrian status` lists them.")));
        }
        List<Store> all = new ArrayList<>(List.of(Store.LOCAL));
        all.addAll(further);
        properties.put(Sources.STORES, all);
        Exchange done;
        try (Pipeline pipeline = Pipeline.startWithStores(settings, Clock.systemUTC(), Invocation.terminal())) {
            done = pipeline.call("bring-up-to-date", properties);
        }
        return Copies.report(Replication.of(done), spec) ? ExitCode.DONE.number() : ExitCode.FAILED.number();
    }
}
