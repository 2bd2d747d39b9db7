package io.bactrian.cli;

import io.bactrian.config.Settings;
import io.bactrian.pipeline.Backup;
import io.bactrian.pipeline.Pipeline;
import io.bactrian.pipeline.Pitr;
import io.bactrian.pipeline.Replication;
import io.bactrian.pipeline.Sizes;
import io.bactrian.repository.Manifest;
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

@Command(name = "full", description = "Make one full backup now, and test it.", mixinStandardHelpOptions = true)
final class FullCommand implements Callable<Integer> {
    @Option(names = "--no-test", description = "Leave out the integrity test of what was stored.")
    private boolean untested;

    @Mixin
    private Databases databases;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        List<Settings> chosen = databases.chosen(Invocation.settings());
        return Databases.each(chosen, spec.commandLine().getErr(), this::backUp);
    }

    private int backUp(Settings settings) {
        Exchange done;
        try (Pipeline pipeline = Pipeline.startWithKey(settings, Clock.systemUTC(), Invocation.terminal())) {
            done = pipeline.call("backup-full", Map.of("test", !untested));
        }
        Manifest manifest = Backup.of(done).manifest();
        PrintWriter out = spec.commandLine().getOut();
        manifest.warnings().forEach(warning -> spec.commandLine().getErr().println("Warning: " + warning));
        out.println("Full backup " + manifest.id());
        out.println("Database: " + manifest.database() + " (PostgreSQL " + manifest.serverVersion() + ")");
        manifest.artifacts().forEach(a -> out.println("  " + a.name() + "  " + Sizes.text(a.bytes())));
        if (manifest.proof() != null) {
            out.println("Proof: " + manifest.proof().tables().size() + " tables, "
                    + manifest.proof().tables().stream()
                            .mapToLong(t -> t.rows())
                            .sum() + " rows");
        }
        Pitr pitr = Pitr.of(done);
        out.println("Point-in-time recovery: " + text(pitr));
        if (pitr.hint() != null) {
            out.println("  " + pitr.hint());
        }
        Copies.report(Replication.of(done), spec);
        out.println("Took: " + Durations.text(manifest.durationMillis()));
        if (!untested) {
            for (Object finding : done.getMessage().getBody(List.class)) {
                out.println("Tested: " + finding);
            }
        }
        return 0;
    }

    private static String text(Pitr pitr) {
        Manifest base = pitr.base();
        if (base != null) {
            return "on, " + base.id() + " (" + Sizes.text(base.storedBytes()) + "), from "
                    + base.physical().endTime() + " as far as WAL is stored";
        }
        return pitr.enabled() ? "on, " + pitr.why() : "off: " + pitr.why();
    }
}
