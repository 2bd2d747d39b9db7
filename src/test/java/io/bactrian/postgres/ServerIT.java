package io.bactrian.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerIT {
    private static final Guardian GUARDIAN = new Guardian();
    private static final Tools TOOLS = Tools.locateServer(Optional.empty());
    private static final String WHO = "SELECT current_user || ' in ' || current_database()";
    private static final String ODD = "Rôle \"q\" 'x' $(id) `w` \\ =@:/?#% ☃";

    private static Path parent;
    private static TemporaryCluster cluster;

    @BeforeAll
    static void start_a_cluster() throws IOException {
        parent = Files.createTempDirectory("server");
        assertThat(parent.toFile().setExecutable(true, false)).isTrue();
        cluster = TemporaryCluster.startWithTcp(TOOLS, parent, GUARDIAN, Map.of());
        superuser("CREATE ROLE app LOGIN PASSWORD 'secret'", "CREATE DATABASE app OWNER app");
    }

    @AfterAll
    static void end_it() throws IOException {
        cluster.close();
        GUARDIAN.close();
        Files.delete(parent);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "@:/?#% '\"\\",
                "pässwörd ☃ 密码",
                "$(touch /tmp/harm)`id`",
                "a&b=c;d|e",
                "%41%zz",
                " lead and trail "
            })
    void any_password_works_through_jdbc_and_programs_alike(String password) throws Exception {
        superuser("DROP ROLE IF EXISTS odd", "CREATE ROLE odd LOGIN PASSWORD " + literal(password));
        Server server = Server.choose(parse(cluster.url("odd", password, "postgres")));
        assertThat(ask(server.connect(), WHO)).isEqualTo("odd in postgres");
        assertThat(psql(server, "postgres", WHO)).isEqualTo("odd in postgres");
        assertThat(Map.of(server, server.description())).asString().doesNotContain(password);
    }

    @Test
    void any_role_and_database_name_works_through_jdbc_and_programs_alike() throws Exception {
        superuser("CREATE ROLE " + identifier(ODD) + " LOGIN PASSWORD 'p'");
        superuser("CREATE DATABASE " + identifier(ODD));
        for (String url : List.of(cluster.url(ODD, ODD), cluster.url(ODD, "p", ODD))) {
            Server server = Server.choose(parse(url));
            assertThat(ask(server.connect(), WHO)).isEqualTo(ODD + " in " + ODD);
            assertThat(ask(server.connect("app"), WHO)).isEqualTo(ODD + " in app");
            assertThat(psql(server, ODD, WHO)).isEqualTo(ODD + " in " + ODD);
            assertThat(psql(server, "app", WHO, "--dbname=" + Server.databaseArgument(ODD)))
                    .isEqualTo(ODD + " in " + ODD);
        }
    }

    @Test
    void each_form_of_the_url_means_to_us_what_it_means_to_libpq() throws Exception {
        String sockets = cluster.url("app", "app").replaceFirst(".*@([^:]*):.*", "$1");
        int port = cluster.port();
        for (String url : List.of(
                cluster.url("app", "app"),
                cluster.url("app", "secret", "app"),
                "postgres://app:secret@localhost:" + port,
                "postgresql://localhost:" + port + "/app?user=app&password=secret",
                "postgresql:///app?user=app&host=" + sockets + "&port=" + port,
                "postgresql:///app?user=app&host=" + sockets.replace("%2F", "/") + "&port=" + port,
                "postgresql://app:secret@nowhere.invalid:" + port + "/app?hostaddr=127.0.0.1",
                "postgresql://app:secret@?hostaddr=127.0.0.1&port=" + port,
                "postgresql://app:secret@127.0.0.1:1,127.0.0.1:" + port + "/app",
                "postgresql://app:s%65cret@127.0.0.1:" + port + "/%61pp?sslmode=disable&connect_timeout=5",
                "postgresql://app@" + sockets + ":" + port + "/app?sslmode=require&gssencmode=disable",
                "postgresql://app:secret@127.0.0.1:" + port + "/app?options=-c%20geqo%3Doff&application_name=me")) {
            String settings = " || ' ' || current_setting('geqo') || ' '"
                    + " || replace(replace(current_setting('application_name'), 'bactrian', ''), 'psql', '') || '.'";
            Process libpq = GUARDIAN.start(
                    new ProcessBuilder(TOOLS.program("psql").toString(), "-XAtw", url, "-c", WHO + settings));
            String expected = output(libpq);
            assertThat(expected).as(url).startsWith("app in app");
            Server server = Server.choose(parse(url));
            assertThat(ask(server.connect(), WHO + settings)).as(url).isEqualTo(expected);
            assertThat(psql(server, "app", WHO + settings)).as(url).isEqualTo(expected);
        }
    }

    @Test
    void of_several_hosts_the_first_that_answers_is_kept() throws Exception {
        Server server = Server.choose(
                parse("postgresql://app:secret@127.0.0.1:1,127.0.0.1:" + cluster.port() + ",127.0.0.1:2/app"));
        assertThat(server.description()).isEqualTo("app at 127.0.0.1:" + cluster.port());
        assertThat(server.environment("app"))
                .containsEntry("PGPORT", String.valueOf(cluster.port()))
                .containsEntry("PGHOST", "127.0.0.1");
        assertThat(server.majorVersion()).isEqualTo(TOOLS.major());
    }

    @Test
    void a_host_of_the_wrong_kind_is_passed_over() {
        String url = "postgresql://app:secret@127.0.0.1:" + cluster.port() + "/app?target_session_attrs=";
        assertThat(refusal(url + "standby")).hasMessageContaining("None of the servers is standby");
        assertThat(Server.choose(parse(url + "primary")).database()).isEqualTo("app");
        assertThat(Server.choose(parse(url + "read-write")).database()).isEqualTo("app");
        assertThat(Server.choose(parse(url + "prefer-standby")).database()).isEqualTo("app");
    }

    @Test
    void a_wrong_password_is_not_tried_on_the_next_host() throws Exception {
        try (ServerSocket next = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Failure failure = refusal("postgresql://app:canary@127.0.0.1:" + cluster.port() + ",127.0.0.1:"
                    + next.getLocalPort() + "/app?connect_timeout=2");
            assertThat(failure.exitCode()).isEqualTo(ExitCode.PRECONDITION);
            assertThat(failure)
                    .hasMessage("Cannot connect to app at 127.0.0.1:" + cluster.port()
                            + ": password authentication failed for user \"app\"");
            assertThat(failure.hint()).contains("DATABASE_URL");
            next.setSoTimeout(1);
            assertThat(catchThrowableOfType(java.net.SocketTimeoutException.class, next::accept))
                    .isNotNull();
        }
    }

    @Test
    void each_refusal_says_what_to_do() throws Exception {
        String base = "postgresql://app:canary@127.0.0.1:" + cluster.port();
        assertThat(hint("postgresql://app@127.0.0.1:" + cluster.port() + "/app"))
                .contains("Give the password");
        assertThat(hint(cluster.url("app", "secret", "nowhere"))).contains("database name");
        assertThat(hint(cluster.url("nobody at all", "app"))).contains("role exists");
        assertThat(hint("postgresql://app:canary@127.0.0.1:1/app")).contains("host, port");
        assertThat(refusal("postgresql://app:canary@127.0.0.1:1/app")).hasMessageContaining("refused");
        assertThat(hint("postgresql://app:canary@no-such-host.invalid/app")).contains("spelling of the host");
        assertThat(hint("postgresql://app@%2Fno%2Fsuch%2Fdirectory/app")).contains("host, port");
        assertThat(hint(base + "/app?sslmode=require")).contains("sslmode");
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String url = "postgresql://app:canary@127.0.0.1:" + silent.getLocalPort() + "/app?connect_timeout=1";
            assertThat(hint(url)).contains("host, port");
        }
    }

    @Test
    void a_server_out_of_connections_says_so() {
        superuser("ALTER ROLE app CONNECTION LIMIT 0");
        assertThat(hint(cluster.url("app", "secret", "app"))).contains("idle sessions");
        superuser("ALTER ROLE app CONNECTION LIMIT -1");
    }

    @Test
    void what_the_server_refuses_later_is_explained_too() throws Exception {
        superuser("CREATE TABLE IF NOT EXISTS private ()");
        Server server = Server.choose(parse(cluster.url("app", "postgres")));
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement()) {
            SQLException permission =
                    catchThrowableOfType(SQLException.class, () -> statement.execute("SELECT * FROM private"));
            assertThat(Server.explain(permission, "read private"))
                    .hasMessage("Cannot read private: permission denied for table private")
                    .extracting(Failure::exitCode)
                    .isEqualTo(ExitCode.PRECONDITION);
            SQLException other = catchThrowableOfType(SQLException.class, () -> statement.execute("SELECT 1/0"));
            assertThat(Server.explain(other, "divide"))
                    .hasMessage("Cannot divide: division by zero")
                    .extracting(Failure::exitCode)
                    .isEqualTo(ExitCode.FAILED);
        }
    }

    @Test
    void programs_see_this_server_only() {
        Server server = Server.choose(parse(cluster.url("app", "secret", "app")));
        Map<String, String> child = new HashMap<>(
                Map.of("PGSERVICE", "other", "PGOPTIONS", "-c geqo=off", "PGHOSTADDR", "10.0.0.1", "PATH", "/bin"));
        server.enter(child, "other");
        assertThat(child)
                .containsEntry("PGDATABASE", "other")
                .containsEntry("PGPASSWORD", "secret")
                .containsEntry("PATH", "/bin")
                .doesNotContainKeys("PGSERVICE", "PGOPTIONS", "PGHOSTADDR");
    }

    private static String hint(String url) {
        Failure failure = refusal(url);
        assertThat(failure.exitCode()).isEqualTo(ExitCode.PRECONDITION);
        assertThat(failure).hasMessageNotContaining("canary");
        return failure.hint();
    }

    private static Failure refusal(String url) {
        return catchThrowableOfType(Failure.class, () -> Server.choose(parse(url)));
    }

    private static DatabaseUrl parse(String url) {
        return DatabaseUrl.parse(url, Map.of());
    }

    private static void superuser(String... commands) {
        try (Connection connection = Server.choose(parse(cluster.url("postgres", "postgres")))
                        .connect();
                Statement statement = connection.createStatement()) {
            for (String command : commands) {
                statement.execute(command);
            }
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private static String ask(Connection opened, String query) throws SQLException {
        try (Connection connection = opened;
                Statement statement = connection.createStatement();
                ResultSet answer = statement.executeQuery(query)) {
            assertThat(answer.next()).isTrue();
            return answer.getString(1);
        }
    }

    private static String psql(Server server, String database, String query, String... arguments)
            throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of(TOOLS.program("psql").toString(), "-XAt", "--no-password", "-c", query));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        server.enter(builder.environment(), database);
        return output(GUARDIAN.start(builder.redirectErrorStream(true)));
    }

    private static String output(Process process) throws IOException, InterruptedException {
        String output = new String(process.getInputStream().readAllBytes(), UTF_8).stripTrailing();
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }

    private static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    private static String identifier(String name) {
        return "\"" + name.replace("\"", "\"\"") + "\"";
    }
}
