package io.bactrian.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The script that makes the documented least-privilege role, against a real server. */
class BackupRoleIT {
    private static final Guardian GUARDIAN = new Guardian();
    private static final Tools TOOLS = Tools.locateServer(Optional.empty());

    private static Path parent;
    private static TemporaryCluster cluster;

    @BeforeAll
    static void start_a_cluster() throws IOException, InterruptedException {
        parent = Files.createTempDirectory("role");
        assertThat(parent.toFile().setExecutable(true, false)).isTrue();
        cluster = TemporaryCluster.startWithTcp(
                TOOLS, parent, GUARDIAN, Map.of("max_slot_wal_keep_size", "1GB", "wal_level", "replica"));
        assertThat(psql("-c", "CREATE SCHEMA hidden; CREATE TABLE hidden.t AS SELECT 1 AS one"))
                .isEmpty();
    }

    @AfterAll
    static void end_it() throws IOException {
        cluster.close();
        GUARDIAN.close();
        Files.delete(parent);
    }

    @Test
    void the_role_can_do_all_that_a_backup_needs_and_change_nothing() throws Exception {
        script("-v", "role=bactrian", "-v", "password=it's $ecret");
        Server server = Server.choose(DatabaseUrl.parse(cluster.url("bactrian", "it's $ecret", "postgres"), Map.of()));
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement()) {
            assertThat(ask(statement, "SELECT one FROM hidden.t")).isEqualTo("1");
            assertThat(ask(statement, "SELECT slot_name FROM pg_create_physical_replication_slot('bactrian', true)"))
                    .isEqualTo("bactrian");
            assertThat(ask(statement, "SELECT pg_current_xact_id() IS NOT NULL"))
                    .isEqualTo("t");
            assertThat(ask(statement, "SELECT pg_switch_wal() IS NOT NULL")).isEqualTo("t");
            assertThat(ask(
                            statement,
                            "SELECT slot_name FROM pg_replication_slot_advance('bactrian', pg_current_wal_lsn())"))
                    .isEqualTo("bactrian");
            assertThat(ask(statement, "SELECT pg_drop_replication_slot('bactrian') IS NOT NULL"))
                    .isEqualTo("t");
            // so the globals of a backup hold the password verifiers too
            assertThat(ask(statement, "SELECT rolpassword LIKE 'SCRAM%' FROM pg_authid WHERE rolname = 'bactrian'"))
                    .isEqualTo("t");
            for (String forbidden : List.of(
                    "INSERT INTO hidden.t VALUES (2)",
                    "CREATE TABLE public.mine ()",
                    "CREATE DATABASE mine",
                    "CREATE ROLE mine",
                    "SELECT lo_create(0), pg_read_file('PG_VERSION')")) {
                SQLException refused = catchThrowableOfType(SQLException.class, () -> statement.execute(forbidden));
                assertThat(refused.getMessage()).as(forbidden).contains("permission denied");
            }
        }
    }

    @Test
    void the_script_may_run_again_and_add_what_a_restore_needs() throws Exception {
        script("-v", "role=Odd \"role\" 'x'");
        assertThat(script("-v", "role=Odd \"role\" 'x'", "-v", "restore=1")).contains("may back up");
        Server server = Server.choose(DatabaseUrl.parse(cluster.url("Odd \"role\" 'x'", "postgres"), Map.of()));
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE restored");
            assertThat(ask(statement, "SELECT pg_has_role('pg_signal_backend', 'member')"))
                    .isEqualTo("t");
        }
    }

    @Test
    void the_password_of_an_existing_role_stays_where_none_is_given() throws Exception {
        script("-v", "role=kept", "-v", "password=before");
        script("-v", "role=kept");
        DatabaseUrl url = DatabaseUrl.parse(cluster.url("kept", "before", "postgres"), Map.of());
        assertThat(Server.choose(url).user()).isEqualTo("kept");
    }

    private static String script(String... variables) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of(variables));
        arguments.addAll(List.of("-f", Path.of("sql/backup-role.sql").toString()));
        return psql(arguments.toArray(String[]::new));
    }

    private static String psql(String... arguments) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of(TOOLS.program("psql").toString(), "-Xq", cluster.url("postgres", "postgres")));
        command.addAll(List.of(arguments));
        Process process = GUARDIAN.start(new ProcessBuilder(command).redirectErrorStream(true));
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }

    private static String ask(Statement statement, String query) throws SQLException {
        try (ResultSet answer = statement.executeQuery(query)) {
            assertThat(answer.next()).isTrue();
            return answer.getString(1);
        }
    }
}
