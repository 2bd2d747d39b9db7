package io.bactrian.cli;

import io.bactrian.Failure;
import io.bactrian.config.Settings;
import io.bactrian.crypto.Encryption;
import io.bactrian.pipeline.Pipeline;
import io.bactrian.pipeline.Reading;
import io.bactrian.pipeline.Restore;
import io.bactrian.pipeline.RestoreOptions;
import io.bactrian.pipeline.Sources;
import io.bactrian.postgres.NamePattern;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.HashMap;
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
        name = "restore",
        description = {
            "Restore a backup into a database of the server that DATABASE_URL names.",
            "It is loaded beside, compared with the proof of the backup, and gets its name at the very end."
        },
        mixinStandardHelpOptions = true)
final class RestoreCommand implements Callable<Integer> {
    @Parameters(
            index = "0",
            paramLabel = "ID|latest|FILE",
            description = "A backup, or a dump of the system before (.sql, .sql.gz, .dump).")
    private String wanted;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "TARGET_DB",
            description = "The database to make; default: the name that the original has.")
    private String target;

    @Option(
            names = "--replace",
            description = "Replace a database of that name: the old one is kept as <name>_before_<time>.")
    private boolean replace;

    @Option(names = "--drop-old", description = "With --replace: drop the old one once the new one has its name.")
    private boolean dropOld;

    @Option(
            names = "--table",
            paramLabel = "PATTERN",
            description = "Only these tables, with data, indexes, constraints, sequences and triggers (as psql's \\d).")
    private String table;

    @Option(names = "--globals", description = "First create the roles and tablespaces that the server lacks.")
    private boolean globals;

    @Option(
            names = "--no-owner",
            description = "Everything shall belong to the role that restores; without the grants of the original.")
    private boolean noOwner;

    @Option(names = "--jobs", paramLabel = "N", description = "Parallel workers; default: PGDUMP_JOBS.")
    private Integer jobs;

    @Option(names = "--no-analyze", description = "Leave out ANALYZE after the load.")
    private boolean unanalyzed;

    @Option(names = "--no-compare", description = "Leave out the comparison with the proof.")
    private boolean uncompared;

    @Mixin
    private FromStore from;

    @Mixin
    private Databases databases;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        check();
        Settings settings = wanted.equals(Reading.LATEST)
                ? databases.one(Invocation.settings())
                : databases.reading(Invocation.settings());
        Clock clock = Clock.systemUTC();
        Optional<Path> file = file();
        Map<String, Object> properties = new HashMap<>();
        properties.put(Restore.PROPERTY, Restore.asked(options(settings, file), clock.instant()));
        if (file.isEmpty()) {
            properties.put(Reading.PROPERTY, Reading.of(wanted, Reading.READ));
            properties.put(Sources.STORES, from.stores(settings));
            properties.putAll(databases.property());
        }
        try (Pipeline pipeline = Pipeline.startToRead(settings, clock, Invocation.terminal())) {
            Exchange done = pipeline.call(file.isPresent() ? "restore-file" : "restore", properties);
            Restore.of(done).report().forEach(spec.commandLine().getOut()::println);
        }
        return 0;
    }

    private void check() {
        if (dropOld && !replace) {
            throw Failure.usage("--drop-old without --replace", "There is no old database to drop: add --replace.");
        }
        if (dropOld && table != null) {
            throw Failure.usage("--drop-old with --table", "Drop the schema that keeps the old tables by hand.");
        }
        Optional.ofNullable(table).ifPresent(NamePattern::parse);
        if (jobs != null && jobs < 1) {
            throw Failure.usage("--jobs " + jobs + " is not a number of workers", "A whole number from 1.");
        }
        if (target != null && (target.isEmpty() || target.indexOf('\0') >= 0)) {
            throw Failure.usage("the name of the target database is empty", "Leave it out, or give a name.");
        }
    }

    private RestoreOptions options(Settings settings, Optional<Path> file) {
        return new RestoreOptions(
                Optional.ofNullable(target),
                file,
                Optional.ofNullable(table),
                replace,
                dropOld,
                globals,
                noOwner,
                !unanalyzed,
                !uncompared,
                jobs == null ? settings.jobs() : jobs);
    }

    /** What looks like a file name is one; ids have neither a slash nor a dot. */
    private Optional<Path> file() {
        if (Arrays.stream(Encryption.values())
                .anyMatch(format -> format != Encryption.NONE && wanted.endsWith(format.suffix()))) {
            throw Failure.usage(
                    "an encrypted file is restored by the id of its backup",
                    "`bactrian restore full_…`; or open it first, by the command in the manifest beside it.");
        }
        boolean looksLikeFile = wanted.endsWith(".sql")
                || wanted.endsWith(".gz")
                || wanted.endsWith(".dump")
                || wanted.endsWith(".zst");
        if (!looksLikeFile) {
            return Optional.empty();
        }
        Path path = Path.of(wanted).toAbsolutePath();
        if (!Files.isRegularFile(path) || !Files.isReadable(path)) {
            throw Failure.precondition("cannot read " + path, "Is the name right, and may this user read it?");
        }
        return Optional.of(path);
    }
}
