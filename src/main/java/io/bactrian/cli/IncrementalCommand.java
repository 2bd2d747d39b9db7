package io.bactrian.cli;

import io.bactrian.config.ConfiguredClusters;
import io.bactrian.config.Settings;
import io.bactrian.pipeline.Backup;
import io.bactrian.pipeline.Pipeline;
import io.bactrian.pipeline.Replication;
import io.bactrian.pipeline.Sizes;
import io.bactrian.repository.Artifact;
import io.bactrian.repository.Manifest;
import io.bactrian.repository.WalRange;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.camel.Exchange;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "incremental",
        description = "Store the WAL written since the last backup, up to now; needs a full with a base.",
        mixinStandardHelpOptions = true)
final class IncrementalCommand implements Callable<Integer> {
    @Option(names = "--no-test", description = "Leave out the integrity test of what was stored.")
    private boolean untested;

    @Mixin
    private Databases databases;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        List<List<Settings>> clusters = ConfiguredClusters.of(databases.chosen(Invocation.settings()));
        List<Settings> first = clusters.stream().map(cluster -> cluster.get(0)).toList();
        return Databases.each(first, spec.commandLine().getErr(), this::archive);
    }

    private int archive(Settings settings) {
        Exchange done;
        try (Pipeline pipeline = Pipeline.startWithKey(settings, Clock.systemUTC(), Invocation.terminal())) {
            done = pipeline.call("backup-incremental", Map.of("test", !untested));
        }
        Manifest manifest = Backup.of(done).manifest();
        WalRange wal = manifest.wal();
        long segments = manifest.artifacts().stream()
                .filter(artifact -> artifact.content().equals(Artifact.WAL))
                .count();
        PrintWriter out = spec.commandLine().getOut();
        out.println("Incremental backup " + manifest.id());
        out.println("Chain: " + wal.chain());
        out.println("Stored: " + segments + (segments == 1 ? " segment" : " segments") + " of WAL, "
                + Sizes.text(manifest.storedBytes()));
        out.println("Range: " + wal.start() + " to " + wal.end() + ", timeline " + wal.timeline());
        out.println("Recovery window ends: " + wal.cut().time());
        Copies.report(Replication.of(done), spec);
        out.println("Took: " + Durations.text(manifest.durationMillis()));
        if (!untested) {
            for (Object finding : done.getMessage().getBody(List.class)) {
                out.println("Tested: " + finding);
            }
        }
        return 0;
    }
}
