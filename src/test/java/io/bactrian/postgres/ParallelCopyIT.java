package io.bactrian.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Real archives, whose rows go through real sessions into a real database. */
@Timeout(300)
class ParallelCopyIT {
    @RegisterExtension
    private static final CopyScene scene = new CopyScene();

    @Test
    void what_is_loaded_equals_the_original() throws Exception {
        scene.load(scene.original(), 3);

        for (String table : List.of("numbers", "nothing", "wide", "no_columns", "small_29")) {
            assertThat(scene.content("copy", table)).as(table).isEqualTo(scene.content("original", table));
        }
        assertThat(scene.script("copy")).isEqualTo(scene.script("original"));
    }

    @Test
    void many_sessions_have_smaller_pieces_each() throws Exception {
        scene.load(scene.original(), 45);

        assertThat(scene.content("copy", "wide")).isEqualTo(scene.content("original", "wide"));
        assertThat(scene.script("copy")).isEqualTo(scene.script("original"));
    }

    @Test
    void one_session_keeps_the_order_of_the_rows() throws Exception {
        scene.load(scene.original(), 1);

        assertThat(displacement()).isZero();
    }

    @Test
    void several_sessions_share_one_table_and_its_rows_stay_together() throws Exception {
        int rows = 600_000;
        scene.server().sql("postgres", "CREATE DATABASE ordered");
        scene.server()
                .sql(
                        "ordered",
                        "CREATE TABLE numbers AS SELECT i, md5(i::text) FROM generate_series(1, " + rows + ") i");
        scene.load(scene.dumped("ordered"), 3);

        assertThat(scene.server().value("copy", "SELECT count(DISTINCT xmin::text) FROM numbers"))
                .as("transactions, one for each session")
                .isIn("2", "3");
        assertThat(displacement())
                .isLessThan(rows / 4); // a server adds up to 4 MB for one session while others wait for that
        scene.server().sql("copy", "ANALYZE numbers");
        assertThat(Double.parseDouble(scene.server()
                        .value(
                                "copy",
                                "SELECT correlation FROM pg_stats WHERE tablename = 'numbers' AND attname = 'i'")))
                .isGreaterThan(0.95);
        scene.server().sql("postgres", "DROP DATABASE ordered");
    }

    @Test
    void rows_of_a_selected_table_are_loaded_and_the_data_of_all_others_are_written_nowhere() throws Exception {
        scene.define(scene.original());

        Path file = scene.rows(Files.newInputStream(scene.original()), 2, scene::session, Optional.of("numbers"));

        assertThat(scene.server()
                        .value("copy", "SELECT (SELECT count(*) FROM numbers) || ' ' || (SELECT count(*) FROM wide)"))
                .isEqualTo(CopyScene.ROWS + " 0");
        assertThat(file).hasSize(Files.size(scene.file("head.dump")));
        assertThat(Files.size(scene.original())).isGreaterThan(100 * Files.size(file));
    }

    @Test
    void pg_restore_learns_how_large_the_tables_are_whose_rows_it_does_not_load() throws Exception {
        scene.define(scene.original());
        ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(scene.rows(Files.newInputStream(scene.original()), 2)))
                .order(ByteOrder.LITTLE_ENDIAN);
        ByteArrayInputStream stream = new ByteArrayInputStream(file.array());
        ArchiveHead head = ArchiveReader.read(stream, () -> file.capacity() - stream.available());
        NavigableMap<Long, String> tables = new TreeMap<>();
        head.entries().stream()
                .filter(entry -> entry.type().equals("TABLE DATA"))
                .forEach(entry -> {
                    int field = head.offsetFields().get(entry.id()).intValue();
                    tables.put(file.getLong(field + 1), entry.name());
                });

        assertThat(tables).hasSize(35);
        long wide = tables.entrySet().stream()
                .filter(table -> table.getValue().equals("wide"))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseThrow();
        Long end = tables.higherKey(wide);
        assertThat(end == null ? Files.size(scene.original()) - wide : end - wide)
                .isGreaterThan(5L * CopyScene.WIDE_BYTES);
    }

    @Test
    void rows_that_pg_dump_compressed_or_wrote_as_statements_are_left_to_pg_restore() throws Exception {
        for (List<String> options : List.of(List.of("-Z6"), List.of("-Z0", "--inserts"))) {
            Path other = scene.dumped("original", options.toArray(String[]::new));
            scene.load(other, 2);

            assertThat(scene.script("copy")).as(options.toString()).isEqualTo(scene.script("original"));
            scene.server().sql("postgres", "DROP DATABASE copy WITH (FORCE)");
        }
    }

    @Test
    void rows_in_another_encoding_come_back_as_they_were() throws Exception {
        scene.server()
                .sql(
                        "postgres",
                        "CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'",
                        "CREATE DATABASE bytes TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'");
        for (String database : List.of("latin", "bytes")) {
            scene.server()
                    .sql(
                            database,
                            "CREATE TABLE plain AS SELECT 'Bodø, Tromsø'::text AS town",
                            "CREATE TABLE \"Straße\" AS SELECT 'Bodø' AS \"größe\"");
            scene.load(scene.dumped(database), 2);

            for (String table : List.of("plain", "\"Straße\"")) {
                String rows = "SELECT string_agg(r::text, '|') FROM " + table + " AS r";
                assertThat(scene.server().value("copy", rows))
                        .contains("Bodø")
                        .isEqualTo(scene.server().value(database, rows));
            }
            scene.server().sql("postgres", "DROP DATABASE copy WITH (FORCE)", "DROP DATABASE " + database);
        }
    }

    @Test
    void the_mark_of_the_end_is_no_row_wherever_a_piece_ends() throws Exception {
        scene.server().sql("postgres", "CREATE DATABASE edges");
        for (int last = 40; last < 75; last++) {
            scene.server()
                    .sql(
                            "edges",
                            "CREATE TABLE edge_" + last
                                    + " AS SELECT repeat('a', 63) AS t FROM generate_series(1, 4095)",
                            "INSERT INTO edge_" + last + " VALUES (repeat('b', " + last + "))");
        }
        scene.load(scene.dumped("edges"), 3);

        for (int last = 40; last < 75; last++) {
            assertThat(scene.server()
                            .value(
                                    "copy",
                                    "SELECT count(*) || ' ' || sum(length(t)) || ' ' || min(length(t)) FROM edge_"
                                            + last))
                    .isEqualTo("4096 " + (4095 * 63 + last) + " " + Math.min(last, 63));
        }
        scene.server().sql("postgres", "DROP DATABASE edges");
    }

    @Test
    void warnings_are_neither_collected_nor_waited_for() throws Exception {
        scene.server().sql("postgres", "CREATE DATABASE warns");
        scene.server()
                .sql(
                        "warns",
                        "CREATE FUNCTION loud(int) RETURNS boolean LANGUAGE plpgsql AS"
                                + " 'BEGIN RAISE WARNING ''%'', repeat(''!'', 1000); RETURN true; END'",
                        "SET client_min_messages = error",
                        "CREATE TABLE warned (i int CHECK (loud(i)))",
                        "INSERT INTO warned SELECT generate_series(1, 50000)");
        scene.load(scene.dumped("warns"), 1);

        assertThat(scene.server().value("copy", "SELECT count(*) FROM warned")).isEqualTo("50000");
        scene.server().sql("postgres", "DROP DATABASE warns");
    }

    @Test
    void rows_of_tables_that_the_archive_does_not_make_are_left_to_pg_restore() throws Exception {
        Path data = scene.dumped("original", "-Z0", "--data-only");
        try (ArchiveStream stream = ArchiveStream.open(Files.newInputStream(data), scene.file("data-only.dump"));
                Connection connection = scene.server().connect("original")) {
            LoadOrder order = stream.contents().loadOrder(Optional.empty(), connection);
            assertThat(order.rows()).isEmpty();
            assertThat(order.rest()).anyMatch(line -> line.endsWith("TABLE DATA public numbers"));
        }
    }

    @Test
    void a_session_that_loads_is_like_one_of_pg_restore() throws Exception {
        scene.server()
                .sql(
                        "postgres",
                        "CREATE DATABASE copy",
                        "ALTER DATABASE copy SET search_path = elsewhere",
                        "ALTER DATABASE copy SET lock_timeout = '1s'",
                        "ALTER DATABASE copy SET statement_timeout = '1s'",
                        "ALTER DATABASE copy SET xmloption = document");
        try (Connection session = scene.server()
                .server(TemporaryCluster.SUPERUSER, "postgres")
                .connectToLoad("copy", "-c work_mem=7MB", SessionStyle.parse("Pacific/Chatham|ISO, DMY\n"))) {
            assertThat(Sql.rows(
                                    session,
                                    "SELECT concat_ws('|', current_setting('TimeZone'), current_setting('DateStyle'), current_setting('search_path'),"
                                            + " current_setting('lock_timeout'), current_setting('statement_timeout'),"
                                            + " current_setting('xmloption'), current_setting('row_security'), current_setting('client_min_messages'),"
                                            + " current_setting('work_mem'))",
                                    row -> row.getString(1))
                            .get(0))
                    .isEqualTo("Pacific/Chatham|ISO, DMY||0|0|content|off|error|7MB");
        }
    }

    /** By how many rows the one that has moved most is away from its place. */
    private static long displacement() throws SQLException {
        return Long.parseLong(
                scene.server()
                        .value(
                                "copy",
                                "SELECT max(abs(i - place)) FROM (SELECT i, row_number() OVER (ORDER BY ctid) AS place FROM numbers) n"));
    }
}
