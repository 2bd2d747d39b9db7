package io.bactrian.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** JDBC and PostgreSQL's programs must agree on which server's certificate is good enough. */
class ServerTlsIT {
    private static final Guardian GUARDIAN = new Guardian();
    private static final Tools TOOLS = Tools.locateServer(Optional.empty());
    private static final String IS_ENCRYPTED = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";

    @TempDir
    private static Path certificates;

    private static Path parent;
    private static TemporaryCluster cluster;

    /** The server's certificate names "localhost" and is its own root; another root signed nothing. */
    @BeforeAll
    static void start_a_cluster_with_a_certificate() throws Exception {
        parent = Files.createTempDirectory("tls");
        assertThat(parent.toFile().setExecutable(true, false)).isTrue();
        makeCertificate("server");
        makeCertificate("other");
        cluster = TemporaryCluster.startWithTcp(TOOLS, parent, GUARDIAN, Map.of());
        for (String name : List.of("server.crt", "server.key")) {
            Path file = Files.copy(certificates.resolve(name), cluster.data().resolve(name));
            Files.setOwner(file, Files.getOwner(cluster.data()));
        }
        try (Connection connection = connect(cluster.url("postgres", "postgres"));
                Statement statement = connection.createStatement()) {
            statement.execute("ALTER SYSTEM SET ssl = on");
            statement.execute("CREATE ROLE app LOGIN PASSWORD 'p'");
        }
        cluster.stop();
        cluster.resume();
    }

    @AfterAll
    static void end_it() throws IOException {
        cluster.close();
        GUARDIAN.close();
        Files.delete(parent);
    }

    @ParameterizedTest
    @CsvSource({
        "disable, localhost, , f",
        "allow, localhost, , f",
        "prefer, localhost, , t",
        "require, localhost, , t",
        "require, localhost, server, t",
        "require, localhost, other, refused",
        "verify-ca, 127.0.0.1, server, t",
        "verify-ca, 127.0.0.1, other, refused",
        "verify-full, localhost, server, t",
        "verify-full, 127.0.0.1, server, refused",
    })
    void sslmode_means_to_jdbc_what_it_means_to_libpq(String mode, String host, String root, String outcome)
            throws Exception {
        String url = "postgresql://app:p@" + host + ":" + cluster.port() + "/postgres?sslmode=" + mode
                + (root == null ? "" : "&sslrootcert=" + certificates.resolve(root + ".crt"));
        assertThat(throughLibpq(url)).isEqualTo(outcome);
        if (outcome.equals("refused")) {
            Failure failure = catchThrowableOfType(Failure.class, () -> connect(url));
            assertThat(failure.exitCode()).isEqualTo(ExitCode.PRECONDITION);
            assertThat(failure.hint()).contains("sslrootcert");
        } else {
            assertThat(throughJdbc(url)).isEqualTo(outcome);
        }
    }

    @Test
    void an_address_that_jdbc_could_not_verify_is_refused() {
        String url = "postgresql://app:p@localhost/postgres?hostaddr=127.0.0.1&sslmode=verify-full";
        assertThat(catchThrowableOfType(Failure.class, () -> connect(url)).exitCode())
                .isEqualTo(ExitCode.USAGE);
    }

    private static Connection connect(String url) {
        return Server.choose(DatabaseUrl.parse(url, Map.of())).connect();
    }

    private static String throughJdbc(String url) throws Exception {
        try (Connection connection = connect(url);
                Statement statement = connection.createStatement();
                ResultSet answer = statement.executeQuery(IS_ENCRYPTED)) {
            assertThat(answer.next()).isTrue();
            return answer.getString(1);
        }
    }

    private static String throughLibpq(String url) throws Exception {
        ProcessBuilder builder =
                new ProcessBuilder(TOOLS.program("psql").toString(), "-XAt", "--no-password", "-c", IS_ENCRYPTED, url);
        Process psql = GUARDIAN.start(builder);
        String answer = new String(psql.getInputStream().readAllBytes(), UTF_8).strip();
        return psql.waitFor() == 0 ? answer : "refused";
    }

    private static void makeCertificate(String name) throws Exception {
        String key = certificates.resolve(name + ".key").toString();
        String certificate = certificates.resolve(name + ".crt").toString();
        Process openssl = new ProcessBuilder(("openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
                                + " -addext subjectAltName=DNS:localhost -keyout " + key + " -out " + certificate)
                        .split(" "))
                .redirectErrorStream(true)
                .start();
        String output = new String(openssl.getInputStream().readAllBytes(), UTF_8);
        assertThat(openssl.waitFor()).as(output).isZero();
        new ProcessBuilder("chmod", "600", key).start().waitFor();
    }
}
