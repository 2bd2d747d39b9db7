package io.bactrian.acceptance;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A run that is killed leaves whole backups only, no process, and nothing that the next run does not clear. */
@ExtendWith(Postgres.Shared.class)
class KillIT {
    private static final String DATABASE = "killed";
    private static final String TARGET = "killed_restored";
    private static final int SIGKILLED = 137;

    @TempDir
    private Path folder;

    private final ChildProcesses children = new ChildProcesses();

    @BeforeAll
    static void some_data_that_does_not_compress(Postgres postgres) throws Exception {
        postgres.createDatabase(DATABASE);
        postgres.sql(
                DATABASE,
                "CREATE TABLE noise AS SELECT i, (SELECT string_agg(md5(i::text || j), '') FROM generate_series(1, 30) j)"
                        + " AS text FROM generate_series(1, 30000) i",
                "CREATE INDEX ON noise (text)");
    }

    @AfterEach
    void no_process_is_left(Postgres postgres) {
        children.assertAllEnded();
        await().atMost(10, SECONDS)
                .untilAsserted(() -> assertThat(
                                postgres.value(
                                        "postgres",
                                        "SELECT count(*) FROM pg_stat_activity WHERE usename = 'bactrian' OR datname ~ '^killed'"))
                        .isEqualTo("0"));
    }

    private Path repository() {
        return folder.resolve("repository");
    }

    private Path full() {
        return repository().resolve("full");
    }

    private Program backup(Postgres postgres) {
        return children.of(
                Program.of(repository(), postgres.backupUrl(DATABASE)).with("BACKUP_COMPRESSION", "none"));
    }

    private static void reach(String moment, Process run, Callable<Boolean> reached) {
        await(moment)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .atMost(60, SECONDS)
                .failFast("the run ended before: " + moment, () -> !run.isAlive())
                .until(reached);
    }

    private boolean runs(String program, String argument) throws IOException {
        return children.alive().stream()
                .anyMatch(p -> p.runs(program) && p.commandLine().contains(argument));
    }

    /** Something in the new backup's folder, of a size. */
    private Callable<Boolean> stored(List<Path> before, String nameBegins, String nameEnds, long bytes) {
        return () -> {
            for (Path backup : Aftermath.entries(full())) {
                if (before.contains(backup)) {
                    continue;
                }
                for (Path file : Aftermath.entries(backup)) {
                    String name = file.getFileName().toString();
                    if (name.startsWith(nameBegins) && name.endsWith(nameEnds) && size(file) >= bytes) {
                        return true;
                    }
                }
            }
            return false;
        };
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            return -1; // it has just got its final name
        }
    }

    /** A run more in the history: the test comes after that. */
    private Callable<Boolean> recorded(long before) {
        return () -> runs() > before;
    }

    private long runs() throws IOException {
        return Files.readString(repository().resolve("history.jsonl")).lines().count();
    }

    private Callable<Boolean> moment(String name, List<Path> before, Postgres postgres) throws IOException {
        return switch (name) {
            case "start" -> () -> runs("java", "bactrian.jar");
            case "connection" ->
                () -> !postgres.value("postgres", "SELECT count(*) FROM pg_stat_activity WHERE datname = 'killed'")
                        .equals("0");
            case "pg_dump" -> () -> runs("pg_dump", "--snapshot");
            case "first byte of the dump" -> stored(before, "database.dump", ".unfinished", 1);
            case "a third of the dump" -> stored(before, "database.dump", ".unfinished", 10_000_000);
            case "two thirds of the dump" -> stored(before, "database.dump", ".unfinished", 20_000_000);
            case "dump stored" -> stored(before, "database.dump", ".pgp", 1);
            case "session key stored" -> stored(before, "database.dump", ".key", 1);
            case "properties" -> stored(before, "database.json", "", 0);
            case "globals" -> stored(before, "globals.sql", "", 0);
            case "globals stored" -> stored(before, "globals.sql", ".pgp", 1);
            case "signature" -> stored(before, "manifest.json.sig", "", 0);
            case "manifest" -> stored(before, "manifest.json", "json", 1);
            case "test" -> recorded(runs());
            default -> throw new IllegalArgumentException(name);
        };
    }

    @Test
    void a_full_backup_that_is_killed_at_any_moment_leaves_only_whole_backups(Postgres postgres) throws Exception {
        Program program = backup(postgres);
        assertThat(program.run("full", "--no-test").exitCode()).isZero();
        List<String> whole = new ArrayList<>(wholeBackups());
        for (String moment : List.of(
                "start",
                "connection",
                "pg_dump",
                "first byte of the dump",
                "a third of the dump",
                "two thirds of the dump",
                "dump stored",
                "session key stored",
                "properties",
                "globals",
                "globals stored",
                "signature",
                "manifest",
                "test")) {
            List<Path> before = Aftermath.entries(full());
            Callable<Boolean> reached = moment(moment, before, postgres);
            Process run = program.start("full");
            Program.Running running = Program.Running.of(run);
            reach(moment, run, reached);
            run.destroyForcibly();
            assertThat(running.outcome().exitCode()).as(moment).isEqualTo(SIGKILLED);
            children.assertAllEnded();
            List<String> now = wholeBackups();
            assertThat(now).as(moment).containsAll(whole);
            whole = now;
            if (moment.equals("manifest") || moment.equals("pg_dump")) {
                Program.Outcome status = program.run("status", "--json");
                assertThat(status.out()).contains("\"totalBackups\" : " + whole.size());
                assertThat(whole).allSatisfy(id -> assertThat(status.out()).contains(id));
            }
        }
        assertThat(whole).as("those killed after the manifest").hasSizeGreaterThanOrEqualTo(3);

        Program.Outcome next = program.run("full");
        assertThat(next.exitCode()).as(next.toString()).isZero();
        Aftermath.assertNothingHalfMade(repository());
        assertThat(Aftermath.entries(full())).hasSize(whole.size() + 1);
        Program.Outcome tested = program.run("test", "--all");
        assertThat(tested.exitCode()).as(tested.toString()).isZero();
        assertThat(whole).allSatisfy(id -> assertThat(tested.out()).contains("Backup " + id + " passed"));
    }

    private List<String> wholeBackups() throws IOException {
        return Aftermath.entries(full()).stream()
                .filter(backup -> Files.exists(backup.resolve("manifest.json")))
                .map(backup -> backup.getFileName().toString())
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"repository.json", "keys", ".secret.asc", ".public.asc"})
    void a_first_backup_that_is_killed_leaves_a_repository_that_the_next_one_uses(String file, Postgres postgres)
            throws Exception {
        Program program = backup(postgres);
        Process run = program.start("full", "--no-test");
        Program.Running running = Program.Running.of(run);
        reach(
                file,
                run,
                () -> Files.exists(repository().resolve(file))
                        || Aftermath.entries(repository().resolve("keys")).stream()
                                .anyMatch(key -> key.toString().endsWith(file)));
        run.destroyForcibly();
        assertThat(running.outcome().exitCode()).isEqualTo(SIGKILLED);

        assertThat(program.run("full").exitCode()).isZero();
        assertThat(Aftermath.entries(repository().resolve("keys")).stream()
                        .map(key -> key.toString().replaceFirst(".*/[0-9a-f]{40}", "")))
                .containsExactlyInAnyOrder(".public.asc", ".secret.asc");
        Aftermath.assertNothingHalfMade(repository());
    }

    @ParameterizedTest
    @CsvSource({"TERM", "INT"})
    void a_backup_that_is_asked_to_stop_ends_in_seconds_and_cleans_up(String signal, Postgres postgres)
            throws Exception {
        Process run = backup(postgres).start("full");
        Program.Running running = Program.Running.of(run);
        reach("half a dump", run, moment("a third of the dump", List.of(), postgres));
        ChildProcesses.Marked.signal(run.pid(), signal);
        assertThat(run.waitFor(10, TimeUnit.SECONDS)).as("ends in seconds").isTrue();
        assertThat(running.outcome().exitCode()).isNotZero();
        assertThat(running.outcome().err()).doesNotContain("\\tat ", "\tat ");
        assertThat(Aftermath.entries(full())).isEmpty();
        Aftermath.assertNothingHalfMade(repository());
    }

    @Test
    void a_restore_that_is_killed_leaves_the_old_database_and_the_next_one_clears_the_rest(Postgres postgres)
            throws Exception {
        assertThat(backup(postgres).run("full", "--no-test").exitCode()).isZero();
        postgres.createDatabase(TARGET);
        postgres.sql(TARGET, "CREATE TABLE precious AS SELECT 42 AS answer");
        Path temporary = Files.createDirectory(folder.resolve("temporary"));
        Program restore = children.of(
                Program.of(repository(), postgres.adminUrl("postgres")).with("BACKUP_TEMP_DIR", temporary.toString()));

        for (String signal : List.of("TERM", "KILL")) {
            Process run = restore.start("restore", "latest", TARGET, "--replace");
            Program.Running running = Program.Running.of(run);
            reach("pg_restore", run, () -> runs("pg_restore", "--exit-on-error"));
            ChildProcesses.Marked.signal(run.pid(), signal);
            assertThat(running.outcome().exitCode()).as(running.toString()).isNotZero();
            children.assertAllEnded();
            assertThat(postgres.value(TARGET, "SELECT answer FROM precious")).isEqualTo("42");
            if (signal.equals("TERM")) {
                Aftermath.assertNothingHalfRestored(postgres, temporary);
            }
        }
        assertThat(postgres.databases())
                .as("left by the killed one")
                .anyMatch(d -> d.startsWith("bactrian_restoring_"));
        assertThat(Aftermath.entries(temporary)).isNotEmpty();

        Program.Outcome next = restore.run("restore", "latest", TARGET, "--replace", "--drop-old");
        assertThat(next.exitCode()).as(next.toString()).isZero();
        Aftermath.assertNothingHalfRestored(postgres, temporary);
        assertThat(postgres.value(TARGET, "SELECT count(*) FROM noise")).isEqualTo("30000");
    }
}
