package io.bactrian.cli;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import io.bactrian.config.Settings;
import io.bactrian.pipeline.Pipeline;
import io.bactrian.pipeline.Reading;
import io.bactrian.pipeline.Sources;
import io.bactrian.repository.BackupId;
import io.bactrian.repository.Status;
import io.bactrian.repository.Store;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "test", description = "Test the integrity of stored backups.", mixinStandardHelpOptions = true)
final class TestCommand implements Callable<Integer> {
    enum Level {
        checksum,
        read
    }

    @Parameters(
            arity = "0..1",
            paramLabel = "ID",
            defaultValue = "latest",
            description =
                    "An id or its beginning; default: ${DEFAULT-VALUE}. With a full its base and the WAL since are tested.")
    private String wanted;

    @Option(names = "--all", description = "Every backup there is, of every kind.")
    private boolean all;

    @Option(
            names = "--level",
            defaultValue = "read",
            description =
                    "checksum: signature and digests. read: also decrypt, decompress and parse to the end (default).")
    private Level level;

    @Mixin
    private FromStore from;

    @Mixin
    private Databases databases;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        if (all && databases.isOne()) {
            throw Failure.usage(
                    "--all tests the backups of every database, and --database names one",
                    "Leave --database out; or --all, to test the newest backup of that one.");
        }
        Settings settings = Invocation.settings();
        List<Settings> each = all
                ? Repositories.of(settings)
                : wanted.equals(Reading.LATEST) && !databases.isOne()
                        ? settings.databases()
                        : List.of(databases.reading(settings));
        return Databases.each(each, spec.commandLine().getErr(), this::test);
    }

    private int test(Settings settings) {
        List<Store> stores = from.stores(settings);
        try (Pipeline pipeline = start(settings, stores)) {
            return all ? testAll(pipeline, stores) : test(pipeline, "verify", wanted, stores);
        }
    }

    private Pipeline start(Settings settings, List<Store> stores) {
        Clock clock = Clock.systemUTC();
        if (!stores.contains(Store.LOCAL)) {
            return Pipeline.startWithStores(settings, clock, Invocation.terminal());
        }
        return level == Level.read
                ? Pipeline.startToRead(settings, clock, Invocation.terminal())
                : Pipeline.start(settings, clock, Invocation.terminal());
    }

    private int test(Pipeline pipeline, String route, String id, List<Store> stores) {
        Map<String, Object> properties = new HashMap<>(databases.property());
        properties.put(Reading.PROPERTY, Reading.of(id, level.name()));
        properties.put(Sources.STORES, stores);
        Exchange done = pipeline.call(route, properties);
        PrintWriter out = spec.commandLine().getOut();
        out.println(
                "Backup " + done.getProperty(Reading.PROPERTY, Reading.class).id() + " passed (" + level + ")");
        for (Object finding : done.getMessage().getBody(List.class)) {
            out.println("  " + finding);
        }
        return ExitCode.DONE.number();
    }

    /** One damaged backup does not keep the others from being tested. */
    private int testAll(Pipeline pipeline, List<Store> stores) {
        Status status = pipeline.call("status", Map.of(Sources.STORES, stores))
                .getMessage()
                .getBody(Status.class);
        List<BackupId> all = Stream.concat(
                        status.backups().stream().map(Status.Entry::id), status.unreadable().stream())
                .sorted()
                .toList();
        if (all.isEmpty()) {
            throw Failure.precondition(
                    "there is no backup here", "Make one with `bactrian full`, or check BACKUP_DIR.");
        }
        int worst = ExitCode.DONE.number();
        for (BackupId id : all) {
            try {
                test(pipeline, "verify-backup", id.text(), stores);
            } catch (Failure failure) {
                explain(id, failure.getMessage(), failure.hint());
                worst = Math.max(worst, failure.exitCode().number());
            }
        }
        for (Status.ChainEntry chain : status.chains()) {
            for (String fault : chain.faults()) {
                explain(chain.id(), fault, "`bactrian status` shows what can be recovered.");
                worst = Math.max(worst, ExitCode.INTEGRITY.number());
            }
        }
        return worst;
    }

    private void explain(BackupId id, String what, String hint) {
        spec.commandLine().getErr().println("Error: " + id + ": " + what);
        spec.commandLine().getErr().println("Hint: " + hint);
    }
}
