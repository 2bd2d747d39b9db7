package io.bactrian.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No secret is ever where somebody else could read it: searched for by canaries, in every form that they might take. */
@ExtendWith(Postgres.Shared.class)
class SecretsIT {
    private static final String DATABASE = "secretive";
    private static final String SETTING = "canary-of-a-database-setting";
    private static final String ROLE = "secretive_reader";
    /** Its own, since all processes of the machine are looked at, and other tests may be running. */
    private static final String PASSWORD = UUID.randomUUID() + "-@:/?#%'";

    private static final String PASSPHRASE = "passphrase-" + UUID.randomUUID();
    private static final String URL_PASSWORD = "pw-canary-of-a-url";

    @TempDir
    private Path folder;

    private final ChildProcesses children = new ChildProcesses();

    private Path repository() {
        return folder.resolve("repository");
    }

    /** As it is, as URLs write it, and as headers and armor do. */
    private static List<String> forms(String secret) {
        byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
        String percent = URLEncoder.encode(secret, StandardCharsets.UTF_8);
        return Stream.of(
                        secret,
                        percent,
                        percent.toLowerCase(java.util.Locale.ROOT),
                        Base64.getEncoder().withoutPadding().encodeToString(bytes),
                        Base64.getUrlEncoder().withoutPadding().encodeToString(bytes))
                .distinct()
                .toList();
    }

    private static final List<String> CANARIES = Stream.of(PASSWORD, PASSPHRASE, URL_PASSWORD)
            .flatMap(secret -> forms(secret).stream())
            .toList();

    private static void assertNoCanary(String where, String text) {
        assertThat(CANARIES.stream().filter(text::contains)).as(where).isEmpty();
    }

    private static void assertNoCanary(Program.Outcome outcome) {
        assertNoCanary("standard output", outcome.out());
        assertNoCanary("standard error", outcome.err());
    }

    /** Runs it while looking at all processes, again and again. */
    private Program.Outcome watched(Program program, Set<String> seen, String... arguments) throws Exception {
        Process run = children.of(program).start(arguments);
        Program.Running running = Program.Running.of(run);
        boolean started = false; // before that, it is the launcher
        while (run.isAlive()) {
            assertNoCanary("some command line", allCommandLines());
            List<ChildProcesses.Marked> alive = children.alive();
            if (started) {
                alive.stream()
                        .filter(p -> !p.runs("java") && !p.runs("jspawnhelper"))
                        .forEach(child -> {
                            seen.add(child.commandLine().replace('\0', ' '));
                            assertThat(child.environment().split("\0"))
                                    .as("environment of " + child.commandLine().replace('\0', ' '))
                                    .noneMatch(variable -> variable.startsWith("BACKUP_"))
                                    .noneMatch(variable -> variable.startsWith("DATABASE_URL="));
                        });
            }
            started |= alive.stream().anyMatch(p -> p.pid() == run.pid() && p.runs("java"));
        }
        return running.outcome();
    }

    private static String allCommandLines() throws IOException {
        StringBuilder all = new StringBuilder();
        for (Path entry : Aftermath.entries(Path.of("/proc"))) {
            try {
                all.append(Files.readString(entry.resolve("cmdline"), StandardCharsets.ISO_8859_1))
                        .append('\n');
            } catch (IOException e) {
                continue; // no process, or one that has just ended
            }
        }
        return all.toString();
    }

    @Test
    void a_backup_and_a_restore_show_no_secret_to_anybody(Postgres postgres) throws Exception {
        postgres.createDatabase(DATABASE);
        postgres.sql(
                DATABASE,
                "CREATE TABLE t AS SELECT i, md5(i::text) AS text FROM generate_series(1, 50000) i",
                "ALTER DATABASE " + DATABASE + " SET app.secret = '" + SETTING + "'",
                "COMMENT ON TABLE t IS '" + SETTING + "'");
        Path temporary = Files.createDirectory(folder.resolve("temporary"));
        Program program = Program.of(repository(), postgres.cluster().url(ROLE, PASSWORD, DATABASE))
                .with("BACKUP_ENCRYPTION_KEY", PASSPHRASE)
                .with("BACKUP_COMPRESSION", "none")
                .with("BACKUP_TEMP_DIR", temporary.toString());
        Set<String> seen = new TreeSet<>();
        reader(postgres);

        Program.Outcome full = watched(program, seen, "full");
        assertThat(full.exitCode()).as(full.toString()).isZero();
        assertNoCanary(full);
        String superuser = postgres.cluster().url("postgres", PASSWORD, "postgres");
        postgres.sql("postgres", "ALTER ROLE postgres PASSWORD " + literal());
        Program.Outcome restore =
                watched(program.with("DATABASE_URL", superuser), seen, "restore", "latest", "secretive_too");
        assertThat(restore.exitCode()).as(restore.toString()).isZero();
        assertNoCanary(restore);
        assertThat(seen)
                .as("what was looked at")
                .anyMatch(line -> line.contains("pg_dump "))
                .anyMatch(line -> line.contains("pg_restore "))
                .anyMatch(line -> line.contains("bactrian-guardian"));

        assertThat(program.run("status").exitCode()).isZero();
        assertThat(Aftermath.entries(temporary)).isEmpty();
        for (String name : namesAndContents()) {
            assertNoCanary("the repository", name);
            assertThat(name).doesNotContain(SETTING);
        }
    }

    private static void reader(Postgres postgres) throws Exception {
        postgres.sql(
                "postgres",
                "DROP ROLE IF EXISTS " + ROLE,
                "CREATE ROLE " + ROLE + " LOGIN IN ROLE pg_read_all_data PASSWORD " + literal());
    }

    private static String literal() {
        return "'" + PASSWORD.replace("'", "''") + "'";
    }

    /** Of all files in the repository, as Latin-1. */
    private List<String> namesAndContents() throws IOException {
        List<String> all = new ArrayList<>();
        try (Stream<Path> files = Files.walk(repository())) {
            for (Path file : (Iterable<Path>) files::iterator) {
                all.add(file + (Files.isRegularFile(file) ? Files.readString(file, StandardCharsets.ISO_8859_1) : ""));
            }
        }
        assertThat(all).hasSizeGreaterThan(5);
        return all;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "postgresql://app:" + URL_PASSWORD + "@127.0.0.1:1/app",
                "postgresql://app:" + URL_PASSWORD + "@127.0.0.1:one/app",
                "postgresql://app:pass@" + URL_PASSWORD + "/@127.0.0.1/app",
                "postgresql://app:" + URL_PASSWORD + "%@127.0.0.1/app",
                "postgresql:/app:" + URL_PASSWORD + "@127.0.0.1/app",
                "app:" + URL_PASSWORD + "@127.0.0.1/app",
                "host=127.0.0.1 port=1 password=" + URL_PASSWORD,
                "postgresql://127.0.0.1:1/app?password=" + URL_PASSWORD + "&sslmode=bogus",
                "postgresql://127.0.0.1:1/app?pasword=" + URL_PASSWORD,
                "postgresql://127.0.0.1:1/app?sslpassword=" + URL_PASSWORD + "&user=app&password=" + URL_PASSWORD,
                "postgresql://app:" + URL_PASSWORD + ":1@127.0.0.1:1:2/app",
                "postgresql://app:" + URL_PASSWORD + "/1@127.0.0.1:1/app",
                "postgresql://app:" + URL_PASSWORD + "#1@127.0.0.1:1/app",
            })
    void a_url_that_does_not_work_is_reported_without_its_password(String url) throws Exception {
        Program.Outcome outcome = Program.of(repository(), url).run("full");
        assertThat(outcome.exitCode()).as(outcome.toString()).isIn(2, 3);
        assertNoCanary(outcome);
        if (Files.exists(repository())) {
            try (Stream<Path> files = Files.walk(repository())) {
                for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                    assertNoCanary(file.toString(), Files.readString(file, StandardCharsets.ISO_8859_1));
                }
            }
        }
    }

    @Test
    void what_fails_at_the_server_or_in_a_program_is_reported_without_secrets(Postgres postgres) throws Exception {
        postgres.createDatabase(DATABASE);
        postgres.sql(DATABASE, "CREATE TABLE t AS SELECT 1 AS i");
        reader(postgres);
        Program program = Program.of(repository(), postgres.cluster().url(ROLE, PASSWORD, DATABASE))
                .with("BACKUP_ENCRYPTION_KEY", PASSPHRASE)
                .with("BACKUP_LOCK_TIMEOUT", "100ms");
        List<Program.Outcome> outcomes = new ArrayList<>();
        outcomes.add(program.with("DATABASE_URL", postgres.cluster().url("nobody", PASSWORD, DATABASE))
                .run("full"));
        outcomes.add(program.with("BACKUP_ENCRYPTION_KEYS", PASSPHRASE).run("full"));
        outcomes.add(program.with("BACKUP_ENCRYPTION_FORMAT", "rot13").run("full"));
        try (Connection connection = postgres.connect(DATABASE);
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("LOCK TABLE t IN ACCESS EXCLUSIVE MODE");
            outcomes.add(program.run("full"));
        }
        outcomes.forEach(outcome -> {
            assertThat(outcome.exitCode()).as(outcome.toString()).isPositive();
            assertNoCanary(outcome);
        });
        for (String content : namesAndContents()) {
            assertNoCanary("the repository", content);
        }
    }
}
