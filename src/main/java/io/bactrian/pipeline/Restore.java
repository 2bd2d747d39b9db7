package io.bactrian.pipeline;

import io.bactrian.config.DumpFormat;
import io.bactrian.postgres.DatabaseProperties;
import io.bactrian.postgres.Databases;
import io.bactrian.postgres.Proof;
import io.bactrian.postgres.Server;
import io.bactrian.postgres.TableSelection;
import java.io.File;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.Exchange;

/**
 * A restore under way: the one value that travels with the exchange.
 *
 * @param original what the database was like; null for a dump of the system before
 * @param databases the connection that makes and swaps databases
 * @param target the database that the user will see
 * @param database the one that is being loaded: a new one beside {@code target}, or with {@code --table} an existing target
 * @param workspace a private folder that goes with the exchange
 * @param sessionOptions PGOPTIONS of the loading sessions
 * @param format of the dump; null before {@code load} looked
 * @param load of an archive; null before {@code archive}
 * @param expected what the load is compared with, if not the proof of a backup; otherwise null
 * @param report lines for the user
 */
public record Restore(
        RestoreOptions options,
        Instant started,
        DatabaseProperties original,
        Server server,
        Databases databases,
        String target,
        String database,
        boolean targetExists,
        Path workspace,
        String sessionOptions,
        DumpFormat format,
        ArchiveLoad load,
        Proof expected,
        List<String> report)
        implements ToolTarget {

    public static final String PROPERTY = "restore";

    public static Restore asked(RestoreOptions options, Instant started) {
        return new Restore(
                options, started, null, null, null, null, null, false, null, "", null, null, null, List.of());
    }

    public static Restore of(Exchange exchange) {
        return exchange.getProperty(PROPERTY, Restore.class);
    }

    void on(Exchange exchange) {
        exchange.setProperty(PROPERTY, this);
    }

    Restore withOriginal(DatabaseProperties found) {
        return new Restore(
                options,
                started,
                found,
                server,
                databases,
                target,
                database,
                targetExists,
                workspace,
                sessionOptions,
                format,
                load,
                expected,
                report);
    }

    Restore prepared(
            Server on, Databases through, String name, String loading, boolean exists, Path space, String pgOptions) {
        return new Restore(
                options, started, original, on, through, name, loading, exists, space, pgOptions, format, load,
                expected, report);
    }

    Restore withFormat(DumpFormat seen) {
        return new Restore(
                options,
                started,
                original,
                server,
                databases,
                target,
                database,
                targetExists,
                workspace,
                sessionOptions,
                seen,
                load,
                expected,
                report);
    }

    Restore loading(ArchiveLoad archive) {
        return new Restore(
                options,
                started,
                original,
                server,
                databases,
                target,
                database,
                targetExists,
                workspace,
                sessionOptions,
                format,
                archive,
                expected,
                report);
    }

    Restore expecting(Proof proof) {
        return new Restore(
                options,
                started,
                original,
                server,
                databases,
                target,
                database,
                targetExists,
                workspace,
                sessionOptions,
                format,
                load,
                proof,
                report);
    }

    Restore reporting(List<String> lines) {
        List<String> all = new ArrayList<>(report);
        all.addAll(lines);
        return new Restore(
                options,
                started,
                original,
                server,
                databases,
                target,
                database,
                targetExists,
                workspace,
                sessionOptions,
                format,
                load,
                expected,
                List.copyOf(all));
    }

    /** For routes. */
    public boolean isArchive() {
        return format == DumpFormat.CUSTOM;
    }

    /** For routes: a dump of the system before. */
    public File file() {
        return options.file().orElseThrow().toFile();
    }

    /** For routes. A database that stays has its own autovacuum, and is not ours to read through. */
    public boolean analyzes() {
        return options.analyze() && !intoExisting();
    }

    /** For routes: the tables go into a database that stays. */
    public boolean intoExisting() {
        return database.equals(target);
    }

    /** For routes. */
    public boolean selectsTables() {
        return options.table().isPresent();
    }

    /** For routes: arguments of {@code pg_restore} that depend on what was asked. */
    public String loadOptions() {
        return options.noOwner() ? "--no-owner --no-privileges" : "";
    }

    Optional<TableSelection> selected() {
        return Optional.ofNullable(load).map(ArchiveLoad::selection);
    }

    @Override
    public String databaseName() {
        return database;
    }

    @Override
    public Map<String, String> toolEnvironment() {
        Map<String, String> environment = new HashMap<>(server.environment(database));
        environment.merge("PGOPTIONS", sessionOptions, (given, ours) -> given + " " + ours);
        return environment;
    }
}
