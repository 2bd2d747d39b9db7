package io.bactrian.cli;

import io.bactrian.Failure;
import io.bactrian.config.Settings;
import io.bactrian.pipeline.Pipeline;
import io.bactrian.pipeline.Recovery;
import io.bactrian.pipeline.RecoveryOptions;
import io.bactrian.pipeline.Restore;
import io.bactrian.pipeline.Sources;
import io.bactrian.postgres.NamePattern;
import io.bactrian.repository.RecoveryTime;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.camel.Exchange;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "pitr",
        description = {
            "Point-in-time recovery: the database of DATABASE_URL as it was then, as a new database on that server;",
            "or with --data-dir the whole cluster, ready to start. Production is not touched."
        },
        mixinStandardHelpOptions = true)
final class PitrCommand implements Callable<Integer> {
    @Parameters(
            index = "0",
            paramLabel = "TIME|latest",
            description = "ISO 8601, such as 2025-01-01T14:30:00Z; without an offset BACKUP_TIMEZONE is assumed.")
    private String time;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "TARGET_DB",
            description = "The database to make; default: <database>_<time>.")
    private String target;

    @Option(
            names = "--replace",
            description = "Replace a database of that name: the old one is kept as <name>_before_<time>.")
    private boolean replace;

    @Option(
            names = "--table",
            paramLabel = "PATTERN",
            description = "Only these tables, with data, indexes, constraints, sequences and triggers (as psql's \\d).")
    private String table;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description = "The whole cluster, into a data directory that does not exist or is empty.")
    private Path dataDirectory;

    @Option(names = "--standby", description = "With --data-dir and latest: set it up to follow the primary.")
    private boolean standby;

    @Option(names = "--jobs", paramLabel = "N", description = "Parallel workers of the load; default: PGDUMP_JOBS.")
    private Integer jobs;

    @Mixin
    private FromStore from;

    @Mixin
    private Databases databases;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        check();
        Settings settings = databases.one(Invocation.settings());
        Clock clock = Clock.systemUTC();
        RecoveryOptions options = new RecoveryOptions(
                RecoveryTime.parse(time, settings.timezone()),
                Optional.ofNullable(target),
                Optional.ofNullable(table),
                replace,
                Optional.ofNullable(dataDirectory).map(Path::toAbsolutePath).map(Path::normalize),
                standby,
                jobs == null ? settings.jobs() : jobs);
        if (standby && !options.time().isLatest()) {
            throw Failure.usage(
                    "--standby with a time", "A standby follows the primary to its newest state: give `latest`.");
        }
        try (Pipeline pipeline = Pipeline.startToRead(settings, clock, Invocation.terminal())) {
            Map<String, Object> properties = Map.of(
                    Recovery.PROPERTY, Recovery.asked(options, clock.instant()),
                    Sources.STORES, from.stores(settings));
            print(pipeline.call("pitr", properties), clock);
        }
        return 0;
    }

    private void check() {
        if (dataDirectory != null && (target != null || table != null || replace)) {
            throw Failure.usage(
                    "--data-dir recovers the whole cluster, and a database, --table or --replace was given",
                    "Leave them out, or leave out --data-dir.");
        }
        if (standby && dataDirectory == null) {
            throw Failure.usage("--standby without --data-dir", "A standby is a whole cluster: say where it shall be.");
        }
        Optional.ofNullable(table).ifPresent(NamePattern::parse);
        if (jobs != null && jobs < 1) {
            throw Failure.usage("--jobs " + jobs + " is not a number of workers", "A whole number from 1.");
        }
        if (target != null && (target.isEmpty() || target.indexOf('\0') >= 0)) {
            throw Failure.usage("the name of the target database is empty", "Leave it out, or give a name.");
        }
    }

    private void print(Exchange done, Clock clock) {
        PrintWriter out = spec.commandLine().getOut();
        Recovery recovery = done.getProperty(Recovery.PROPERTY, Recovery.class);
        recovery.report().forEach(out::println);
        Restore restore = done.getProperty(Restore.PROPERTY, Restore.class);
        if (restore != null) {
            restore.report().forEach(out::println);
        }
        out.println("Took: " + phases(recovery.phases(), clock.instant()));
    }

    private static String phases(List<Recovery.Phase> phases, Instant end) {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < phases.size(); i++) {
            Instant until = i + 1 < phases.size() ? phases.get(i + 1).began() : end;
            texts.add(phases.get(i).name() + " "
                    + Durations.text(
                            Duration.between(phases.get(i).began(), until).toMillis()));
        }
        return String.join(", ", texts);
    }
}
