package io.bactrian.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TemporaryClusterIT {
    private static final Guardian GUARDIAN = new Guardian();
    private static final Tools TOOLS = Tools.locateServer(Optional.empty());

    private Path parent;

    @BeforeEach
    void make_a_directory_that_any_account_may_enter() throws IOException {
        parent = Files.createTempDirectory("clusters");
        parent.toFile().setExecutable(true, false);
    }

    @AfterEach
    void nothing_is_left_behind() throws IOException {
        Files.delete(parent);
    }

    @AfterAll
    static void end_children() {
        GUARDIAN.close();
    }

    @Test
    void serves_a_superuser_through_a_private_socket_only() throws Exception {
        Path sockets;
        try (TemporaryCluster cluster = TemporaryCluster.start(TOOLS, parent, GUARDIAN, Map.of())) {
            assertThat(ask(cluster, "SELECT current_user || current_setting('listen_addresses')"))
                    .isEqualTo("postgres");
            assertThat(ask(cluster, "SHOW server_encoding")).isEqualTo("UTF8");
            sockets = Path.of(ask(cluster, "SHOW unix_socket_directories"));
            assertThat(Files.getPosixFilePermissions(sockets)).hasSize(3);
            assertThat(Files.getPosixFilePermissions(cluster.data())).hasSize(3);
        }
        assertThat(sockets).doesNotExist();
    }

    @Test
    void given_settings_override_the_harmless_ones() throws Exception {
        try (TemporaryCluster cluster = TemporaryCluster.start(
                TOOLS, parent, GUARDIAN, Map.of("wal_level", "logical", "cluster_name", "it's"))) {
            assertThat(ask(cluster, "SHOW wal_level")).isEqualTo("logical");
            assertThat(ask(cluster, "SHOW cluster_name")).isEqualTo("it's");
        }
    }

    @Test
    void starts_again_with_its_data_after_a_stop_and_after_a_crash() throws Exception {
        try (TemporaryCluster cluster = TemporaryCluster.start(TOOLS, parent, GUARDIAN, Map.of())) {
            execute(cluster, "CREATE TABLE kept AS SELECT 1 AS one; CHECKPOINT");
            cluster.stop();
            cluster.resume();
            assertThat(ask(cluster, "SELECT one::text FROM kept")).isEqualTo("1");
            cluster.kill();
            cluster.resume();
            assertThat(ask(cluster, "SELECT one::text FROM kept")).isEqualTo("1");
        }
    }

    @Test
    void a_server_that_cannot_start_says_why_and_leaves_nothing() {
        assertThatThrownBy(() -> TemporaryCluster.start(TOOLS, parent, GUARDIAN, Map.of("work_mem", "sausage")))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("work_mem");
        assertThat(parent).isEmptyDirectory();
    }

    @Test
    void an_existing_data_directory_is_served_without_its_own_configuration() throws Exception {
        TemporaryDirectory copy = TemporaryDirectory.in(parent);
        try (TemporaryCluster original = TemporaryCluster.start(TOOLS, parent, GUARDIAN, Map.of())) {
            execute(original, "CREATE TABLE kept AS SELECT 1 AS one");
            execute(original, "ALTER SYSTEM SET archive_command = 'touch /tmp/harm'");
            original.stop();
            copyTree(original.data(), copy.data());
        }
        Files.writeString(copy.data().resolve("postgresql.conf"), "nonsense");
        Account account = Account.forServers();
        copy.letPass(account);
        account.own(copy.data());
        try (TemporaryCluster cluster =
                TemporaryCluster.over(new ServerPrograms(TOOLS, account), copy, GUARDIAN, Map.of())) {
            cluster.resume();
            assertThat(ask(cluster, "SELECT one::text FROM kept")).isEqualTo("1");
            assertThat(ask(cluster, "SHOW archive_command")).doesNotContain("harm");
        }
    }

    @Test
    void clearing_leftovers_spares_a_cluster_in_use() throws Exception {
        try (TemporaryCluster cluster = TemporaryCluster.start(TOOLS, parent, GUARDIAN, Map.of())) {
            TemporaryDirectory.clearLeftovers(parent);
            assertThat(ask(cluster, "SELECT 'alive'")).isEqualTo("alive");
        }
    }

    @Test
    void clearing_leftovers_removes_what_is_ours_and_nothing_that_others_planted(@TempDir Path elsewhere)
            throws IOException {
        Path precious = Files.createFile(elsewhere.resolve("precious"));
        Path left = Files.createDirectory(parent.resolve("cluster-left"));
        Files.createFile(left.resolve("lock"));
        Path link = Files.createSymbolicLink(parent.resolve("cluster-link"), elsewhere);
        Path foreign = Files.createDirectory(parent.resolve("cluster-foreign"));
        Files.createFile(foreign.resolve("lock"));
        Files.createSymbolicLink(foreign.resolve("sockets"), elsewhere);
        Account account = Account.forServers();
        account.own(foreign);

        TemporaryDirectory.clearLeftovers(parent);

        assertThat(left).doesNotExist();
        assertThat(link).isSymbolicLink();
        Files.delete(link);
        if (account.switched()) {
            assertThat(precious).exists();
            Files.delete(foreign.resolve("sockets"));
            Files.delete(foreign.resolve("lock"));
            Files.delete(foreign);
        }
    }

    private static void copyTree(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file)));
            }
        }
        to.toFile().setReadable(false, false);
        Files.setPosixFilePermissions(to, java.nio.file.attribute.PosixFilePermissions.fromString("rwx------"));
    }

    private static String ask(TemporaryCluster cluster, String query) throws SQLException {
        try (Connection connection = connect(cluster);
                Statement statement = connection.createStatement();
                ResultSet answer = statement.executeQuery(query)) {
            answer.next();
            return answer.getString(1);
        }
    }

    private static void execute(TemporaryCluster cluster, String sql) throws SQLException {
        try (Connection connection = connect(cluster);
                Statement statement = connection.createStatement()) {
            for (String command : List.of(sql.split("; "))) {
                statement.execute(command);
            }
        }
    }

    private static Connection connect(TemporaryCluster cluster) {
        return Server.choose(DatabaseUrl.parse(cluster.url("postgres", "postgres"), Map.of()))
                .connect();
    }
}
