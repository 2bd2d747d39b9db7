package io.bactrian.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A database that is dumped, and its archive, which is loaded into a database {@code copy} as the routes do it. After each test no
 * session may be left.
 */
final class CopyScene implements BeforeAllCallback, AfterEachCallback, AfterAllCallback {
    static final int ROWS = 100_000;
    static final int WIDE_BYTES = 3_000_000;

    private ScratchServer server;
    private Path original;

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        server = ScratchServer.start();
        server.sql("postgres", "CREATE DATABASE original");
        server.sql(
                "original",
                "CREATE TABLE numbers AS SELECT i, md5(i::text) FROM generate_series(1, " + ROWS + ") i",
                "CREATE TABLE \"Odd \"\"name\"\"; $(x) ö\" (\"Co l\" text, \"größe\" int, made int GENERATED ALWAYS AS"
                        + " (\"größe\" * 2) STORED)",
                "INSERT INTO \"Odd \"\"name\"\"; $(x) ö\" VALUES (E'a\\nb\\tc\\\\d\\r', 1), (NULL, 2), ('', 3), (E'\\\\.', 4)",
                "CREATE TABLE nothing (i int)",
                "CREATE TABLE no_columns ()",
                "INSERT INTO no_columns DEFAULT VALUES",
                "CREATE TABLE wide AS SELECT i, repeat(i::text, " + WIDE_BYTES + ") AS t FROM generate_series(1, 5) i",
                "SELECT lo_from_bytea(4711, convert_to(repeat('large ', 50000), 'UTF8'))");
        for (int table = 0; table < 30; table++) {
            server.sql("original", "CREATE TABLE small_" + table + " AS SELECT generate_series(1, " + table + ") AS i");
        }
        original = dumped("original");
    }

    ScratchServer server() {
        return server;
    }

    Path file(String name) {
        return server.folder(name);
    }

    /** Of the database of that name. */
    Path original() {
        return original;
    }

    /** A backend takes a moment to notice that its client has gone. */
    @Override
    public void afterEach(ExtensionContext context) throws SQLException {
        Awaitility.await("sessions in the copy end")
                .atMost(Duration.ofSeconds(30))
                .until(() -> server.value(
                                "postgres",
                                "SELECT count(*) FROM pg_stat_activity WHERE datname = 'copy' AND backend_type = 'client backend'")
                        .equals("0"));
        server.sql("postgres", "DROP DATABASE IF EXISTS copy WITH (FORCE)");
    }

    /** The whole load, as the routes do it. */
    void load(Path archive, int jobs) throws Exception {
        define(archive);
        Path file = rows(Files.newInputStream(archive), jobs);
        restore(file, "rest");
        restore(file, "last");
    }

    void define(Path archive) throws Exception {
        server.sql("postgres", "CREATE DATABASE copy TEMPLATE template0");
        Path file = file("head.dump");
        Files.deleteIfExists(file);
        try (ArchiveStream stream = ArchiveStream.open(Files.newInputStream(archive), file);
                Connection connection = server.connect("copy")) {
            LoadOrder order = stream.contents().loadOrder(Optional.empty(), connection);
            Files.write(file("definitions.list"), order.definitions());
            Files.write(file("rest.list"), order.rest());
            Files.write(file("last.list"), order.last());
        }
        restore(file, "definitions");
    }

    Path rows(InputStream archive, int sessions) throws Exception {
        return rows(archive, sessions, this::session, Optional.empty());
    }

    Path rows(InputStream archive, int sessions, Supplier<Connection> session) throws Exception {
        return rows(archive, sessions, session, Optional.empty());
    }

    Path rows(InputStream archive, int sessions, Supplier<Connection> session, Optional<String> table)
            throws Exception {
        Path file = file("spooled.dump");
        Files.deleteIfExists(file);
        try (ArchiveStream stream = ArchiveStream.open(archive, file);
                Connection connection = server.connect("copy");
                ParallelCopy copy = ParallelCopy.through(sessions, session)) {
            TableOfContents contents = stream.contents();
            stream.load(contents.loadOrder(table.map(contents::select), connection), copy);
            copy.finish();
        }
        return file;
    }

    void restore(Path file, String list) throws IOException {
        server.run(
                TemporaryCluster.SUPERUSER,
                "copy",
                "pg_restore",
                "--dbname=copy",
                "--exit-on-error",
                "--jobs=2",
                "--use-list=" + file(list + ".list"),
                file.toString());
    }

    Connection session() {
        return server.server(TemporaryCluster.SUPERUSER, "postgres")
                .connectToLoad("copy", "", new SessionStyle("UTC", "ISO, MDY"));
    }

    String content(String database, String table) throws SQLException {
        return server.value(
                database,
                "SELECT count(*) || ' ' || coalesce(md5(string_agg(r::text, '|' ORDER BY r::text COLLATE \"C\")), '') FROM "
                        + table + " AS r");
    }

    /** What pg_dump makes of it, whatever the order of the rows. */
    String script(String database) throws IOException {
        return server.run(TemporaryCluster.SUPERUSER, database, "pg_dump", "--dbname=" + database)
                .replaceAll("(?m)^\\\\(un)?restrict .*$", "")
                .lines()
                .sorted()
                .collect(Collectors.joining("\n"));
    }

    /** Without options, through a pipe and uncompressed, as a backup makes it. */
    Path dumped(String database, String... options) throws IOException {
        Path file = file(database + String.join("", options) + ".dump");
        List<String> command = new ArrayList<>(List.of("pg_dump", "--format=custom", "--dbname=" + database));
        command.addAll(options.length == 0 ? List.of("-Z0") : List.of(options));
        server.runInto(file, command.toArray(String[]::new));
        return file;
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        server.close();
    }
}
