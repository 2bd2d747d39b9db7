package io.bactrian.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.postgres.Blindspot.Severity;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each prediction is held against what pg_dump then does. */
class BlindspotsIT {
    private static final String BACKUP = "back up's \"role\"";
    private static final String BACKUP_SQL = "\"back up's \"\"role\"\"\"";
    private static ScratchServer server;

    @BeforeAll
    static void start() throws Exception {
        server = ScratchServer.start();
        server.sql(
                "postgres",
                "CREATE ROLE " + BACKUP_SQL + " LOGIN REPLICATION",
                "GRANT pg_read_all_data, pg_monitor TO " + BACKUP_SQL,
                "CREATE ROLE lesser LOGIN",
                "CREATE ROLE \"Own er\"");
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    @BeforeEach
    void createDatabase() throws SQLException {
        server.sql("postgres", "CREATE DATABASE app");
    }

    @AfterEach
    void dropDatabase() throws SQLException {
        server.sql("postgres", "DROP DATABASE app");
    }

    @Test
    void an_ordinary_database_has_none_for_the_least_privileged_role() throws Exception {
        server.sql(
                "app",
                "CREATE SCHEMA \"S p\" AUTHORIZATION \"Own er\"",
                "CREATE TABLE \"S p\".\"T $(x)\" (id serial PRIMARY KEY)",
                "CREATE EXTENSION pg_stat_statements");

        assertThat(find(BACKUP)).isEmpty();
        assertThat(dump(BACKUP).exitCode()).isZero();
    }

    @Test
    void unreadable_tables_are_refused_by_name_as_pg_dump_would_fail() throws Exception {
        server.sql(
                "app",
                "CREATE SCHEMA closed",
                "CREATE TABLE closed.\"In side\" ()",
                "GRANT SELECT ON closed.\"In side\" TO lesser",
                "CREATE TABLE open ()",
                "CREATE TABLE readable ()",
                "GRANT SELECT ON readable TO lesser");

        assertThat(only("lesser", Severity.REFUSE).message())
                .contains("closed.\"In side\"", "public.open")
                .doesNotContain("readable");
        assertThat(dump("lesser").errors()).contains("permission denied");
    }

    @Test
    void an_unreadable_sequence_is_refused_as_pg_dump_would_fail() throws Exception {
        server.sql("app", "CREATE SEQUENCE counting");

        assertThat(only("lesser", Severity.REFUSE).message()).contains("public.counting");
        assertThat(dump("lesser").errors()).contains("permission denied for sequence counting");
    }

    @Test
    void of_many_tables_the_first_are_named_and_the_others_counted() throws Exception {
        for (int table = 1; table <= 8; table++) {
            server.sql("app", "CREATE TABLE t" + table + " ()");
        }

        assertThat(only("lesser", Severity.REFUSE).message())
                .contains("public.t1, public.t2, public.t3, public.t4, public.t5 and 3 more");
    }

    @Test
    void row_level_security_is_refused_where_it_applies_to_the_role() throws Exception {
        server.sql(
                "app",
                "CREATE TABLE \"se cret\" (id int)",
                "ALTER TABLE \"se cret\" ENABLE ROW LEVEL SECURITY",
                "CREATE POLICY few ON \"se cret\" USING (id < 3)");

        assertThat(only(BACKUP, Severity.REFUSE).message()).contains("Row-level security", "public.\"se cret\"");
        assertThat(dump(BACKUP).errors()).contains("row-level security policy");
        assertThat(find("postgres")).isEmpty();

        server.sql("postgres", "ALTER ROLE " + BACKUP_SQL + " BYPASSRLS");
        try {
            assertThat(find(BACKUP)).isEmpty();
            assertThat(dump(BACKUP).exitCode()).isZero();
        } finally {
            server.sql("postgres", "ALTER ROLE " + BACKUP_SQL + " NOBYPASSRLS");
        }
    }

    @Test
    void row_level_security_of_a_partitioned_parent_does_not_matter_since_pg_dump_copies_partitions() throws Exception {
        server.sql(
                "app",
                "CREATE TABLE parent (id int) PARTITION BY RANGE (id)",
                "CREATE TABLE part PARTITION OF parent DEFAULT",
                "ALTER TABLE parent ENABLE ROW LEVEL SECURITY");

        assertThat(find(BACKUP)).isEmpty();
        assertThat(dump(BACKUP).exitCode()).isZero();
    }

    @Test
    void large_objects_of_others_are_refused_and_their_owners_named() throws Exception {
        server.sql("app", "SELECT lo_from_bytea(424242, 'x')", "ALTER LARGE OBJECT 424242 OWNER TO \"Own er\"");

        Blindspot blindspot = only(BACKUP, Severity.REFUSE);
        assertThat(blindspot.message()).contains("424242", "\"Own er\"");
        assertThat(blindspot.hint()).contains("GRANT \"Own er\" TO " + BACKUP_SQL);
        assertThat(dump(BACKUP).errors()).contains("permission denied for large object 424242");

        server.sql("app", "GRANT SELECT ON LARGE OBJECT 424242 TO " + BACKUP_SQL);
        assertThat(find(BACKUP)).isEmpty();
        assertThat(dump(BACKUP).exitCode()).isZero();
    }

    @Test
    void large_objects_are_readable_by_members_of_the_owner_and_with_compatible_privileges() throws Exception {
        server.sql("app", "SELECT lo_from_bytea(424243, 'x')", "ALTER LARGE OBJECT 424243 OWNER TO \"Own er\"");

        server.sql("postgres", "GRANT \"Own er\" TO " + BACKUP_SQL);
        assertThat(find(BACKUP)).isEmpty();
        assertThat(dump(BACKUP).exitCode()).isZero();
        server.sql("postgres", "REVOKE \"Own er\" FROM " + BACKUP_SQL);
        assertThat(find(BACKUP)).hasSize(1);

        server.sql("postgres", "ALTER DATABASE app SET lo_compat_privileges TO on");
        assertThat(find(BACKUP)).isEmpty();
        assertThat(dump(BACKUP).exitCode()).isZero();
    }

    @Test
    void subscriptions_are_named_since_pg_dump_skips_them_and_succeeds() throws Exception {
        server.sql(
                "app",
                "CREATE SUBSCRIPTION \"news paper\" CONNECTION 'dbname=app' PUBLICATION p WITH (connect = false, slot_name = NONE)");
        try {
            assertThat(only(BACKUP, Severity.WARN).message()).contains("\"news paper\"");
            ScratchServer.Outcome dump = dump(BACKUP);
            assertThat(dump.exitCode()).isZero();
            assertThat(dump.output()).doesNotContain("CREATE SUBSCRIPTION");
            assertThat(find("postgres")).isEmpty();
        } finally {
            server.sql("app", "DROP SUBSCRIPTION \"news paper\"");
        }
    }

    @Test
    void user_mappings_with_hidden_options_are_named_since_pg_dump_writes_them_without() throws Exception {
        server.sql(
                "app",
                "CREATE EXTENSION postgres_fdw",
                "CREATE SERVER \"far away\" FOREIGN DATA WRAPPER postgres_fdw",
                "CREATE USER MAPPING FOR \"Own er\" SERVER \"far away\" OPTIONS (user 'u', password 'canary')",
                "CREATE USER MAPPING FOR PUBLIC SERVER \"far away\" OPTIONS (user 'v')");

        Blindspot blindspot = only(BACKUP, Severity.WARN);
        assertThat(blindspot.message()).contains("\"Own er\" on server \"far away\"", "PUBLIC on server \"far away\"");
        ScratchServer.Outcome dump = dump(BACKUP);
        assertThat(dump.exitCode()).isZero();
        assertThat(dump.output()).contains("CREATE USER MAPPING").doesNotContain("canary");
        assertThat(find("postgres")).isEmpty();
        assertThat(dump("postgres").output()).contains("canary");
    }

    @Test
    void role_passwords_are_readable_with_pg_read_all_data_and_otherwise_missed() throws Exception {
        try (Connection connection = server.connect(BACKUP, "app")) {
            assertThat(Blindspots.canReadRolePasswords(connection)).isTrue();
        }
        assertThat(globals(BACKUP).exitCode()).isZero();

        try (Connection connection = server.connect("lesser", "app")) {
            assertThat(Blindspots.canReadRolePasswords(connection)).isFalse();
        }
        assertThat(globals("lesser").errors()).contains("permission denied for table pg_authid");
        assertThat(find("lesser"))
                .singleElement()
                .satisfies(blindspot -> assertThat(blindspot.message()).contains("without their passwords"));
    }

    @Test
    void on_a_standby_unlogged_tables_are_named_since_their_rows_are_not_there() throws Exception {
        server.sql(
                "app",
                "CREATE UNLOGGED TABLE \"shopping cart\" AS SELECT 1 AS one",
                "CREATE TABLE kept AS SELECT 1 AS one");
        assertThat(find(BACKUP)).isEmpty();

        try (Standby standby = Standby.of(server);
                Connection connection = standby.connect("app")) {
            assertThat(Blindspots.find(connection))
                    .singleElement()
                    .satisfies(blindspot -> assertThat(blindspot.severity()).isEqualTo(Severity.WARN))
                    .satisfies(blindspot -> assertThat(blindspot.message()).contains("public.\"shopping cart\""));
            connection.setAutoCommit(false);
            assertThat(Proof.take(connection, Proof.Level.COUNTS).tables())
                    .extracting(table -> table.table().name())
                    .containsExactly("kept");
        }
    }

    private static List<Blindspot> find(String role) throws SQLException {
        try (Connection connection = server.connect(role, "app")) {
            return Blindspots.find(connection);
        }
    }

    private static Blindspot only(String role, Severity severity) throws SQLException {
        List<Blindspot> found = find(role).stream()
                .filter(blindspot -> blindspot.severity() == severity)
                .toList();
        assertThat(found).hasSize(1);
        return found.get(0);
    }

    private static ScratchServer.Outcome dump(String role) throws IOException {
        return server.outcome(role, "app", "pg_dump");
    }

    private static ScratchServer.Outcome globals(String role) throws IOException {
        return server.outcome(role, "app", "pg_dumpall", "--globals-only");
    }
}
