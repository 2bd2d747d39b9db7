package io.bactrian.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProofIT {
    private static ScratchServer server;

    @BeforeAll
    static void start() throws Exception {
        server = ScratchServer.start();
        server.sql(
                "postgres",
                "CREATE ROLE backup LOGIN REPLICATION",
                "GRANT pg_read_all_data, pg_monitor TO backup",
                "CREATE ROLE lesser LOGIN");
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    @BeforeEach
    void createDatabases() throws SQLException {
        server.sql("postgres", "CREATE DATABASE app", "CREATE DATABASE copy TEMPLATE template0");
    }

    @AfterEach
    void dropDatabases() throws SQLException {
        server.sql("postgres", "DROP DATABASE app WITH (FORCE)", "DROP DATABASE copy WITH (FORCE)");
    }

    @Test
    void tables_and_each_partition_are_counted_and_nothing_else() throws Exception {
        server.sql(
                "app",
                "CREATE SCHEMA \"S p\"",
                "CREATE TABLE \"S p\".\"Tä \"\"b\"\" $(le)\" AS SELECT generate_series(1, 3)",
                "CREATE TABLE parent (id int) PARTITION BY RANGE (id)",
                "CREATE TABLE low PARTITION OF parent FOR VALUES FROM (0) TO (10)",
                "CREATE TABLE high PARTITION OF parent DEFAULT",
                "INSERT INTO parent SELECT generate_series(1, 30)",
                "CREATE TABLE ancestor AS SELECT 1 AS a",
                "CREATE TABLE heir () INHERITS (ancestor)",
                "INSERT INTO heir VALUES (1), (2)",
                "CREATE UNLOGGED TABLE volatile AS SELECT 1",
                "CREATE TABLE \"no columns\" ()",
                "INSERT INTO \"no columns\" DEFAULT VALUES",
                "CREATE MATERIALIZED VIEW summary AS SELECT 1",
                "CREATE VIEW seen AS SELECT 1",
                "CREATE EXTENSION file_fdw",
                "CREATE SERVER files FOREIGN DATA WRAPPER file_fdw",
                "CREATE FOREIGN TABLE far (line text) SERVER files OPTIONS (filename '/nonexistent')",
                "CREATE TABLE owned (a int)",
                "ALTER EXTENSION file_fdw ADD TABLE owned");

        assertThat(take("app", Proof.Level.COUNTS).tables())
                .extracting(table -> table.table() + " " + table.rows())
                .containsExactly(
                        "\"S p\".\"Tä \"\"b\"\" $(le)\" 3",
                        "public.ancestor 1",
                        "public.heir 2",
                        "public.high 21",
                        "public.low 9",
                        "public.\"no columns\" 1",
                        "public.volatile 1");
    }

    @Test
    void a_dump_restored_elsewhere_has_the_same_content(@TempDir Path folder) throws Exception {
        fillWithEveryKindOfValue();
        Proof original = take("app", Proof.Level.CONTENT);

        copyAppByDump(folder);
        server.sql(
                "postgres",
                "ALTER DATABASE copy SET timezone TO 'Asia/Tokyo'",
                "ALTER DATABASE copy SET datestyle TO 'German'",
                "ALTER DATABASE copy SET intervalstyle TO 'iso_8601'",
                "ALTER DATABASE copy SET bytea_output TO 'escape'",
                "ALTER DATABASE copy SET extra_float_digits TO '-5'");

        Comparison comparison = original.compare(take("copy", Proof.Level.CONTENT));
        assertThat(comparison.differences()).isEmpty();
        assertThat(comparison.equal()).hasSameSizeAs(original.tables());
    }

    @Test
    void a_changed_value_is_found_by_content_and_not_by_counts(@TempDir Path folder) throws Exception {
        fillWithEveryKindOfValue();
        Proof counts = take("app", Proof.Level.COUNTS);
        Proof content = take("app", Proof.Level.CONTENT);
        copyAppByDump(folder);
        server.sql("copy", "UPDATE \"all kinds\" SET t = t || ' ' WHERE id = 1");

        assertThat(counts.compare(take("copy", Proof.Level.COUNTS)).matches()).isTrue();
        assertThat(content.compare(take("copy", Proof.Level.CONTENT)).differences())
                .singleElement()
                .satisfies(difference -> {
                    assertThat(difference.kind()).isEqualTo(Comparison.Kind.CONTENT);
                    assertThat(difference.table()).isEqualTo(new TableName("public", "all kinds"));
                });
    }

    @Test
    void duplicate_rows_count_and_the_order_of_rows_does_not() throws Exception {
        server.sql("app", "CREATE TABLE t AS SELECT unnest(ARRAY['a', 'b', 'b']) AS v");
        server.sql("copy", "CREATE TABLE t AS SELECT unnest(ARRAY['b', 'a', 'b']) AS v");
        Proof original = take("app", Proof.Level.CONTENT);

        assertThat(original.compare(take("copy", Proof.Level.CONTENT)).matches())
                .isTrue();
        server.sql("copy", "UPDATE t SET v = 'a' WHERE ctid = '(0,1)'");
        assertThat(original.compare(take("copy", Proof.Level.CONTENT)).matches())
                .isFalse();
    }

    @Test
    void an_empty_text_is_not_a_null() throws Exception {
        server.sql("app", "CREATE TABLE t AS SELECT ''::text AS v");
        server.sql("copy", "CREATE TABLE t AS SELECT NULL::text AS v");

        assertThat(take("app", Proof.Level.CONTENT)
                        .compare(take("copy", Proof.Level.CONTENT))
                        .matches())
                .isFalse();
    }

    @Test
    void an_heir_whose_columns_came_in_another_order_is_equal_after_a_restore(@TempDir Path folder) throws Exception {
        server.sql(
                "app",
                "CREATE TABLE ancestor (a int, b int)",
                "CREATE TABLE heir (c text, b int, a int)",
                "ALTER TABLE heir INHERIT ancestor",
                "INSERT INTO heir VALUES ('c', 1, 2)");
        copyAppByDump(folder);

        assertThat(take("app", Proof.Level.CONTENT)
                        .compare(take("copy", Proof.Level.CONTENT))
                        .matches())
                .isTrue();
    }

    @Test
    void what_is_committed_after_the_snapshot_is_not_in_it() throws Exception {
        server.sql("app", "CREATE TABLE t AS SELECT 1 AS v");
        try (Connection connection = snapshot("backup", "app")) {
            Sql.execute(connection, "SELECT 1");
            server.sql("app", "INSERT INTO t VALUES (2)");

            assertThat(Proof.take(connection, Proof.Level.COUNTS).tables())
                    .extracting(Proof.Table::rows)
                    .containsExactly(1L);
        }
    }

    @Test
    void hidden_rows_are_an_error_and_not_a_smaller_count() throws Exception {
        server.sql(
                "app",
                "CREATE TABLE t AS SELECT 1 AS v",
                "GRANT SELECT ON t TO lesser",
                "ALTER TABLE t ENABLE ROW LEVEL SECURITY");
        try (Connection connection = snapshot("lesser", "app")) {
            assertThatThrownBy(() -> Proof.take(connection, Proof.Level.COUNTS))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("row-level security");
        }
    }

    @Test
    void a_locked_table_is_waited_for_no_longer_than_the_callers_lock_timeout() throws Exception {
        server.sql("app", "CREATE TABLE t ()");
        try (Connection locker = snapshot("postgres", "app");
                Connection connection = snapshot("backup", "app")) {
            Sql.execute(locker, "LOCK TABLE t");
            Sql.execute(connection, "SET lock_timeout TO '100ms'");

            assertThatThrownBy(() -> Proof.take(connection, Proof.Level.COUNTS))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("lock timeout");
        }
    }

    @Test
    void beside_a_dump_no_table_is_waited_for_and_none_is_counted_that_is_no_longer_what_it_was() throws Exception {
        server.sql(
                "app",
                "CREATE TABLE counted AS SELECT 1 AS v",
                "CREATE TABLE locked AS SELECT 1 AS v",
                "CREATE TABLE emptied AS SELECT 1 AS v",
                "CREATE TABLE dropped AS SELECT 1 AS v",
                "CREATE TABLE swapped AS SELECT 1 AS v",
                "CREATE TABLE altered AS SELECT 1 AS v");
        try (Connection locker = snapshot("postgres", "app");
                Connection connection = snapshot("backup", "app")) {
            Sql.execute(connection, "SELECT count(*) FROM pg_class");
            server.sql(
                    "app",
                    "TRUNCATE emptied",
                    "DROP TABLE dropped",
                    "ALTER TABLE swapped RENAME TO swapped_before",
                    "CREATE TABLE swapped AS SELECT generate_series(1, 2) AS v",
                    "ALTER TABLE altered DROP COLUMN v");
            Sql.execute(locker, "LOCK TABLE locked");

            Proof proof = ProofBesideDump.lock(connection, Proof.Level.CONTENT).take();
            assertThat(proof.tables())
                    .extracting(table -> table.table().name() + " " + table.rows())
                    .containsExactly("counted 1");
            assertThat(proof.leftOut())
                    .extracting(left -> left.table().name() + " " + left.reason())
                    .containsExactly(
                            "altered CHANGED",
                            "dropped CHANGED",
                            "emptied CHANGED",
                            "locked LOCKED",
                            "swapped CHANGED");
            ObjectMapper json = new ObjectMapper();
            assertThat(json.readValue(json.writeValueAsString(proof), Proof.class))
                    .isEqualTo(proof);
        }
    }

    @Test
    void aborting_the_connection_ends_the_count() throws Exception {
        server.sql("app", "CREATE TABLE t ()");
        try (Connection locker = snapshot("postgres", "app");
                Connection connection = snapshot("backup", "app")) {
            Sql.execute(locker, "LOCK TABLE t");
            CompletableFuture<Throwable> outcome = CompletableFuture.supplyAsync(() -> {
                try {
                    Proof.take(connection, Proof.Level.COUNTS);
                    return null;
                } catch (SQLException aborted) {
                    return aborted;
                }
            });
            Awaitility.await()
                    .until(() -> "1"
                            .equals(server.value(
                                    "postgres",
                                    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")));
            connection.abort(Runnable::run);

            assertThat(outcome.join()).isInstanceOf(SQLException.class);
        }
    }

    @Test
    void it_survives_json_as_part_of_a_manifest() throws Exception {
        server.sql("app", "CREATE TABLE \"T 1\" AS SELECT 1 AS v");
        Proof proof = take("app", Proof.Level.CONTENT);
        ObjectMapper json = new ObjectMapper();
        String text = json.writeValueAsString(proof);

        assertThat(text)
                .startsWith("{\"level\":\"content\",\"tables\":[{\"schema\":\"public\",\"name\":\"T 1\",\"rows\":1,");
        assertThat(json.readValue(text, Proof.class)).isEqualTo(proof);
        assertThat(json.writeValueAsString(take("app", Proof.Level.COUNTS))).doesNotContain("content");
    }

    private static void fillWithEveryKindOfValue() throws SQLException {
        server.sql(
                "app",
                "CREATE EXTENSION hstore",
                "CREATE TYPE mood AS ENUM ('fine', 'so so')",
                "CREATE TYPE pair AS (a int, b text)",
                "CREATE TABLE \"all kinds\" (id int, t text, b bytea, n numeric, r real, d double precision, ts timestamptz,"
                        + " tm timestamp, i interval, j jsonb, js json, a text[], m mood, p pair, h hstore, u uuid, mo money,"
                        + " c char(5), bits bit(3), x xml, rng tstzrange, reg regclass, net inet, pt point,"
                        + " g int GENERATED ALWAYS AS (id * 2) STORED)",
                "INSERT INTO \"all kinds\" SELECT n, E'line\\n' || n || ' \"quoted\", \\\\', decode(md5(n::text), 'hex'), n / 3.0,"
                        + " n / 3.0, n / 3.0, '2024-02-29 12:00+00'::timestamptz + n * interval '1 hour', now()::timestamp,"
                        + " n * interval '1 day 1 month', '{\"a\": [1, null]}', '{\"b\" : 1}', ARRAY['x', NULL, '{}'],"
                        + " 'so so', (n, 'b')::pair, 'k=>v', md5(n::text)::uuid, 12.34, 'ab', B'101', '<a/>',"
                        + " '[2024-01-01,2025-01-01)', 'pg_class', '10.0.0.1', '(1.5,2)' FROM generate_series(1, 100) AS n");
    }

    private static void copyAppByDump(Path folder) throws IOException {
        Path dump = folder.resolve("app.dump");
        server.run("postgres", "app", "pg_dump", "-Fc", "-f", dump.toString());
        server.run("postgres", "copy", "pg_restore", "-d", "copy", "--exit-on-error", dump.toString());
    }

    private static Proof take(String database, Proof.Level level) throws SQLException {
        try (Connection connection = snapshot("backup", database)) {
            return Proof.take(connection, level);
        }
    }

    private static Connection snapshot(String role, String database) throws SQLException {
        Connection connection = server.connect(role, database);
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        connection.setAutoCommit(false);
        return connection;
    }
}
