package io.bactrian.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.Failure;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real archives, whose rows go through real sessions into a real database. */
@Timeout(300)
class ParallelCopyIT {
    private static final int ROWS = 100_000;
    private static final int WIDE_BYTES = 3_000_000;
    private static final CopyStatement NUMBERS = new CopyStatement(
            new ArchiveEntry(1, "TABLE DATA", "public", "numbers", false, "COPY numbers FROM stdin;\n", List.of()),
            "UTF8");

    private static ScratchServer server;

    @TempDir
    private static Path folder;

    private static Path dump;

    @BeforeAll
    static void start() throws Exception {
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
        dump = dumped("original");
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    @AfterEach
    void no_session_is_left() throws Exception {
        assertThat(server.value(
                        "postgres",
                        "SELECT count(*) FROM pg_stat_activity WHERE datname LIKE 'copy%' AND pid <> pg_backend_pid()"))
                .isEqualTo("0");
        server.sql("postgres", "DROP DATABASE IF EXISTS copy");
    }

    @Test
    void what_is_loaded_equals_the_original() throws Exception {
        load(dump, 3);

        for (String table : List.of("numbers", "nothing", "wide", "no_columns", "small_29")) {
            assertThat(content("copy", table)).as(table).isEqualTo(content("original", table));
        }
        assertThat(script("copy")).isEqualTo(script("original"));
    }

    @Test
    void many_sessions_have_smaller_pieces_each() throws Exception {
        load(dump, 45);

        assertThat(content("copy", "wide")).isEqualTo(content("original", "wide"));
        assertThat(script("copy")).isEqualTo(script("original"));
    }

    @Test
    void one_session_keeps_the_order_of_the_rows() throws Exception {
        load(dump, 1);

        assertThat(displacement()).isZero();
    }

    @Test
    void several_sessions_share_one_table_and_its_rows_stay_together() throws Exception {
        int rows = 600_000;
        server.sql("postgres", "CREATE DATABASE ordered");
        server.sql("ordered", "CREATE TABLE numbers AS SELECT i, md5(i::text) FROM generate_series(1, " + rows + ") i");
        load(dumped("ordered"), 3);

        assertThat(server.value("copy", "SELECT count(DISTINCT xmin::text) FROM numbers"))
                .as("transactions, one for each session")
                .isIn("2", "3");
        assertThat(displacement())
                .isLessThan(rows / 4); // a server adds up to 4 MB for one session while others wait for that
        server.sql("copy", "ANALYZE numbers");
        assertThat(Double.parseDouble(server.value(
                        "copy", "SELECT correlation FROM pg_stats WHERE tablename = 'numbers' AND attname = 'i'")))
                .isGreaterThan(0.95);
        server.sql("postgres", "DROP DATABASE ordered");
    }

    @Test
    void rows_of_a_selected_table_are_loaded_and_the_data_of_all_others_are_written_nowhere() throws Exception {
        define(dump);

        Path file = rows(Files.newInputStream(dump), 2, ParallelCopyIT::session, Optional.of("numbers"));

        assertThat(server.value("copy", "SELECT (SELECT count(*) FROM numbers) || ' ' || (SELECT count(*) FROM wide)"))
                .isEqualTo(ROWS + " 0");
        assertThat(file).hasSize(Files.size(folder.resolve("head.dump")));
        assertThat(Files.size(dump)).isGreaterThan(100 * Files.size(file));
    }

    @Test
    void rows_that_pg_dump_compressed_or_wrote_as_statements_are_left_to_pg_restore() throws Exception {
        for (List<String> options : List.of(List.of("-Z6"), List.of("-Z0", "--inserts"))) {
            Path other = dumped("original", options.toArray(String[]::new));
            load(other, 2);

            assertThat(script("copy")).as(options.toString()).isEqualTo(script("original"));
            server.sql("postgres", "DROP DATABASE copy");
        }
    }

    @Test
    void rows_in_another_encoding_come_back_as_they_were() throws Exception {
        server.sql(
                "postgres",
                "CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'",
                "CREATE DATABASE bytes TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'");
        for (String database : List.of("latin", "bytes")) {
            server.sql(
                    database,
                    "CREATE TABLE plain AS SELECT 'Bodø, Tromsø'::text AS town",
                    "CREATE TABLE \"Straße\" AS SELECT 'Bodø' AS \"größe\"");
            load(dumped(database), 2);

            for (String table : List.of("plain", "\"Straße\"")) {
                String rows = "SELECT string_agg(r::text, '|') FROM " + table + " AS r";
                assertThat(server.value("copy", rows)).contains("Bodø").isEqualTo(server.value(database, rows));
            }
            server.sql("postgres", "DROP DATABASE copy", "DROP DATABASE " + database);
        }
    }

    @Test
    void what_a_table_does_not_take_fails_the_load_with_its_name() throws Exception {
        define(dump);
        server.sql("copy", "ALTER TABLE numbers ADD CHECK (i < 99999)");

        assertThatThrownBy(() -> rows(Files.newInputStream(dump), 3))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.hint()).isNotBlank())
                .hasMessageContaining("Cannot load the rows of public.numbers")
                .hasMessageContaining("violates check constraint")
                .hasMessageNotContaining("99999");
    }

    @Test
    void a_session_that_is_ended_fails_the_load() throws Exception {
        define(dump);

        assertThatThrownBy(() -> rows(Files.newInputStream(dump), 2, () -> ended(session())))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("Cannot load the rows of ")
                .hasMessageContaining("the server has ended the connection");
    }

    @Test
    void a_session_that_cannot_be_opened_fails_the_load_and_closes_those_before_it() throws Exception {
        define(dump);
        AtomicInteger opened = new AtomicInteger();

        assertThatThrownBy(() -> rows(Files.newInputStream(dump), 3, () -> {
                    if (opened.incrementAndGet() == 3) {
                        throw Failure.precondition("no more sessions", "wait");
                    }
                    return session();
                }))
                .hasMessage("no more sessions");
    }

    @Test
    void an_archive_that_is_cut_short_anywhere_fails_the_load() throws Exception {
        byte[] whole = Files.readAllBytes(dump);
        define(dump);
        for (int tenth = 1; tenth < 10; tenth++) {
            byte[] part = Arrays.copyOf(whole, whole.length / 10 * tenth);
            assertThatThrownBy(() -> rows(new ByteArrayInputStream(part), 2))
                    .isInstanceOf(Failure.class)
                    .hasMessageContaining("it ends within its data");
        }
    }

    @Test
    void an_archive_that_is_cut_at_any_byte_fails_the_load() throws Exception {
        server.sql("postgres", "CREATE DATABASE few");
        server.sql(
                "few",
                "CREATE TABLE a AS SELECT 'a' AS t",
                "CREATE TABLE b AS SELECT 'b' AS t",
                "CREATE TABLE c (t text)");
        Path small = dumped("few");
        byte[] whole = Files.readAllBytes(small);
        define(small);
        for (int length = (int) Files.size(folder.resolve("head.dump")); length < whole.length; length++) {
            byte[] part = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> rows(new ByteArrayInputStream(part), 1))
                    .as("cut at %d of %d", length, whole.length)
                    .isInstanceOf(Failure.class)
                    .hasMessageContaining("it ends ");
        }
        rows(new ByteArrayInputStream(whole), 1);
        server.sql("postgres", "DROP DATABASE few");
    }

    @Test
    void rows_without_the_mark_of_their_end_are_refused() throws Exception {
        define(dump);
        for (String unfinished : List.of("", "1\tone\n", "1\tone\\.\n\n\n", "1\tone\n\\")) {
            try (ParallelCopy copy = ParallelCopy.through(1, ParallelCopyIT::session)) {
                OutputStream rows = copy.rows(NUMBERS);
                rows.write(unfinished.getBytes(StandardCharsets.UTF_8));
                assertThatThrownBy(rows::close).hasMessageContaining("the rows of public.numbers have no end");
            }
        }
    }

    @Test
    void the_mark_of_the_end_is_no_row_wherever_a_piece_ends() throws Exception {
        server.sql("postgres", "CREATE DATABASE edges");
        for (int last = 40; last < 75; last++) {
            server.sql(
                    "edges",
                    "CREATE TABLE edge_" + last + " AS SELECT repeat('a', 63) AS t FROM generate_series(1, 4095)",
                    "INSERT INTO edge_" + last + " VALUES (repeat('b', " + last + "))");
        }
        load(dumped("edges"), 3);

        for (int last = 40; last < 75; last++) {
            assertThat(server.value(
                            "copy",
                            "SELECT count(*) || ' ' || sum(length(t)) || ' ' || min(length(t)) FROM edge_" + last))
                    .isEqualTo("4096 " + (4095 * 63 + last) + " " + Math.min(last, 63));
        }
        server.sql("postgres", "DROP DATABASE edges");
    }

    @Test
    void warnings_are_neither_collected_nor_waited_for() throws Exception {
        server.sql("postgres", "CREATE DATABASE warns");
        server.sql(
                "warns",
                "CREATE FUNCTION loud(int) RETURNS boolean LANGUAGE plpgsql AS"
                        + " 'BEGIN RAISE WARNING ''%'', repeat(''!'', 1000); RETURN true; END'",
                "SET client_min_messages = error",
                "CREATE TABLE warned (i int CHECK (loud(i)))",
                "INSERT INTO warned SELECT generate_series(1, 50000)");
        load(dumped("warns"), 1);

        assertThat(server.value("copy", "SELECT count(*) FROM warned")).isEqualTo("50000");
        server.sql("postgres", "DROP DATABASE warns");
    }

    @Test
    void a_failure_of_one_session_cancels_what_the_others_do() throws Exception {
        server.sql("postgres", "CREATE DATABASE slow");
        server.sql(
                "slow",
                "CREATE FUNCTION slowly(int) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RETURN true; END'",
                "CREATE TABLE a_slow (i int CHECK (slowly(i)))",
                "INSERT INTO a_slow VALUES (1)",
                "CREATE TABLE b_bad (i int)",
                "INSERT INTO b_bad VALUES (1)",
                "CREATE OR REPLACE FUNCTION slowly(int) RETURNS boolean LANGUAGE plpgsql AS"
                        + " 'BEGIN PERFORM pg_catalog.pg_sleep(1000); RETURN true; END'");
        Path archive = dumped("slow");
        define(archive);
        server.sql("copy", "ALTER TABLE b_bad ADD CHECK (i > 1)");

        assertThatThrownBy(() -> rows(Files.newInputStream(archive), 2)).hasMessageContaining("public.b_bad");
        server.sql("postgres", "DROP DATABASE slow");
    }

    @Test
    void a_session_that_ends_without_an_exception_of_the_server_is_no_success() throws Exception {
        define(dump);
        assertThatThrownBy(() -> rows(Files.newInputStream(dump), 2, () -> failingAtItsEnd(session())))
                .isInstanceOf(LinkageError.class);
    }

    @Test
    void rows_of_tables_that_the_archive_does_not_make_are_left_to_pg_restore() throws Exception {
        Path data = dumped("original", "-Z0", "--data-only");
        try (ArchiveStream stream = ArchiveStream.open(Files.newInputStream(data), folder.resolve("data-only.dump"));
                Connection connection = server.connect("original")) {
            LoadOrder order = stream.contents().loadOrder(Optional.empty(), connection);
            assertThat(order.rows()).isEmpty();
            assertThat(order.rest()).anyMatch(line -> line.endsWith("TABLE DATA public numbers"));
        }
    }

    @Test
    void a_source_that_fails_within_a_row_fails_the_load() throws Exception {
        define(dump);
        byte[] whole = Files.readAllBytes(dump);
        InputStream failing = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("the source failed");
            }
        };
        InputStream half = new SequenceInputStream(
                new ByteArrayInputStream(Arrays.copyOf(whole, whole.length - 2_000_000)), failing);

        assertThatThrownBy(() -> rows(half, 2)).isInstanceOf(IOException.class).hasMessage("the source failed");
        assertThat(server.value("copy", "SELECT count(*) FROM wide WHERE length(t) < " + WIDE_BYTES))
                .as("half values")
                .isEqualTo("0");
    }

    @Test
    void rows_that_were_not_finished_are_not_kept() throws Exception {
        define(dump);
        try (ParallelCopy copy = ParallelCopy.through(2, ParallelCopyIT::session)) {
            OutputStream rows = copy.rows(NUMBERS);
            rows.write("1\tone\n2\ttw".getBytes(StandardCharsets.UTF_8));
        }
        assertThat(server.value("copy", "SELECT count(*) FROM numbers")).isEqualTo("0");
    }

    @Test
    void a_session_that_loads_is_like_one_of_pg_restore() throws Exception {
        server.sql(
                "postgres",
                "CREATE DATABASE copy",
                "ALTER DATABASE copy SET search_path = elsewhere",
                "ALTER DATABASE copy SET lock_timeout = '1s'",
                "ALTER DATABASE copy SET statement_timeout = '1s'",
                "ALTER DATABASE copy SET xmloption = document");
        try (Connection session = server.server(TemporaryCluster.SUPERUSER, "postgres")
                .connectToLoad("copy", "-c work_mem=7MB", SessionStyle.parse("Pacific/Chatham|ISO, DMY\n"))) {
            assertThat(Sql.rows(
                                    session,
                                    "SELECT concat_ws('|', current_setting('TimeZone'), current_setting('DateStyle'), current_setting('search_path'),"
                                            + " current_setting('lock_timeout'), current_setting('statement_timeout'),"
                                            + " current_setting('xmloption'), current_setting('row_security'),"
                                            + " current_setting('work_mem'))",
                                    row -> row.getString(1))
                            .get(0))
                    .isEqualTo("Pacific/Chatham|ISO, DMY||0|0|content|off|7MB");
        }
    }

    /** The whole load, as the routes do it. */
    private static void load(Path archive, int jobs) throws Exception {
        define(archive);
        Path file = rows(Files.newInputStream(archive), jobs);
        restore(file, "rest");
        restore(file, "last");
    }

    private static void define(Path archive) throws Exception {
        server.sql("postgres", "CREATE DATABASE copy TEMPLATE template0");
        Path file = folder.resolve("head.dump");
        Files.deleteIfExists(file);
        try (ArchiveStream stream = ArchiveStream.open(Files.newInputStream(archive), file);
                Connection connection = server.connect("copy")) {
            LoadOrder order = stream.contents().loadOrder(Optional.empty(), connection);
            Files.write(folder.resolve("definitions.list"), order.definitions());
            Files.write(folder.resolve("rest.list"), order.rest());
            Files.write(folder.resolve("last.list"), order.last());
        }
        restore(file, "definitions");
    }

    private static Path rows(InputStream archive, int sessions) throws Exception {
        return rows(archive, sessions, ParallelCopyIT::session, Optional.empty());
    }

    private static Path rows(InputStream archive, int sessions, Supplier<Connection> session) throws Exception {
        return rows(archive, sessions, session, Optional.empty());
    }

    private static Path rows(InputStream archive, int sessions, Supplier<Connection> session, Optional<String> table)
            throws Exception {
        Path file = folder.resolve("spooled.dump");
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

    private static void restore(Path file, String list) throws IOException {
        server.run(
                TemporaryCluster.SUPERUSER,
                "copy",
                "pg_restore",
                "--dbname=copy",
                "--exit-on-error",
                "--jobs=2",
                "--use-list=" + folder.resolve(list + ".list"),
                file.toString());
    }

    private static Connection session() {
        return server.server(TemporaryCluster.SUPERUSER, "postgres")
                .connectToLoad("copy", "", new SessionStyle("UTC", "ISO, MDY"));
    }

    private static Connection ended(Connection session) {
        try {
            int pid = Sql.rows(session, "SELECT pg_backend_pid()", row -> row.getInt(1))
                    .get(0);
            server.value("postgres", "SELECT pg_terminate_backend(" + pid + ", 10000)");
            return session;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Connection failingAtItsEnd(Connection session) {
        return (Connection) Proxy.newProxyInstance(
                ParallelCopyIT.class.getClassLoader(),
                new Class<?>[] {Connection.class},
                (proxy, method, arguments) -> {
                    Object result = method.invoke(session, arguments);
                    if (method.getName().equals("close")) {
                        throw new LinkageError("at the end");
                    }
                    return result;
                });
    }

    /** By how many rows the one that has moved most is away from its place. */
    private static long displacement() throws SQLException {
        return Long.parseLong(
                server.value(
                        "copy",
                        "SELECT max(abs(i - place)) FROM (SELECT i, row_number() OVER (ORDER BY ctid) AS place FROM numbers) n"));
    }

    private static String content(String database, String table) throws SQLException {
        return server.value(
                database,
                "SELECT count(*) || ' ' || coalesce(md5(string_agg(r::text, '|' ORDER BY r::text COLLATE \"C\")), '') FROM "
                        + table + " AS r");
    }

    /** What pg_dump makes of it, whatever the order of the rows. */
    private static String script(String database) throws IOException {
        return server.run(TemporaryCluster.SUPERUSER, database, "pg_dump", "--dbname=" + database)
                .replaceAll("(?m)^\\\\(un)?restrict .*$", "")
                .lines()
                .sorted()
                .collect(Collectors.joining("\n"));
    }

    /** Without options, through a pipe and uncompressed, as a backup makes it. */
    private static Path dumped(String database, String... options) throws IOException {
        Path file = folder.resolve(database + String.join("", options) + ".dump");
        List<String> command = new ArrayList<>(List.of("pg_dump", "--format=custom", "--dbname=" + database));
        command.addAll(options.length == 0 ? List.of("-Z0") : List.of(options));
        server.runInto(file, command.toArray(String[]::new));
        return file;
    }
}
