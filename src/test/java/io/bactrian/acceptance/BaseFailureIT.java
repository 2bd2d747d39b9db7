package io.bactrian.acceptance;

import static io.bactrian.acceptance.Aftermath.assertNothingHalfMade;
import static io.bactrian.acceptance.Aftermath.assertRefused;
import static io.bactrian.acceptance.LoudFailure.assertDone;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bactrian.ExitCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A base that fails half way takes nothing with it: the dump is kept, the run fails, and the next one is whole. */
@ExtendWith(Postgres.Shared.class)
class BaseFailureIT {
    private static final String DATABASE = "unbased";

    @TempDir
    private Path folder;

    private final ChildProcesses children = new ChildProcesses();

    @BeforeAll
    static void data_that_does_not_compress(Postgres postgres) throws Exception {
        Slots.bound(postgres);
        postgres.createDatabase(DATABASE);
        postgres.sql(
                DATABASE,
                "CREATE TABLE noise AS SELECT i, (SELECT string_agg(md5(i::text || j), '') FROM generate_series(1, 30) j)"
                        + " AS text FROM generate_series(1, 30000) i");
    }

    @AfterEach
    void nothing_runs_and_no_slot_is_left(Postgres postgres) throws Exception {
        children.assertAllEnded();
        Slots.dropAll(postgres);
    }

    private Path repository() {
        return folder.resolve("repository");
    }

    private Program program(Postgres postgres) {
        return children.of(
                Program.of(repository(), postgres.backupUrl(DATABASE)).with("BACKUP_COMPRESSION", "none"));
    }

    private List<Path> bases() throws Exception {
        if (Files.notExists(repository().resolve("base"))) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(repository().resolve("base"), 2)) {
            return files.filter(file -> file.getFileName().toString().startsWith("base_"))
                    .toList();
        }
    }

    /** A run that is stopped in the middle of its base. */
    private ChildProcesses.Marked stoppedHalfWay(Process run) throws Exception {
        ChildProcesses.Marked copy = children.await("pg_basebackup", run);
        copy.signal("STOP");
        return copy;
    }

    private void assertWholeWithoutBase(Program.Outcome outcome, String... words) throws Exception {
        assertRefused(outcome, ExitCode.FAILED, words);
        assertThat(outcome.message()).contains("is stored, but without a base for point-in-time recovery");
        assertThat(Aftermath.entries(repository().resolve("full"))).hasSize(1);
        assertThat(bases()).isEmpty();
        assertNothingHalfMade(repository());
    }

    private void assertTheNextFullHasABase(Program program) throws Exception {
        Program.Outcome next = program.run("full");
        assertDone(next);
        assertThat(bases())
                .hasSize(1)
                .allSatisfy(base -> assertThat(base.resolve("manifest.json")).exists());
        assertNothingHalfMade(repository());
        assertThat(Aftermath.entries(repository()))
                .noneMatch(path -> path.toString().contains(".base-spool"));
        assertDone(program.run("test", "--all"));
    }

    @Test
    void a_pg_basebackup_that_is_killed_leaves_the_dump_and_the_run_fails(Postgres postgres) throws Exception {
        Process run = program(postgres).start("full");
        Program.Running running = Program.Running.of(run);
        stoppedHalfWay(run).signal("KILL");
        assertWholeWithoutBase(running.outcome(), "pg_basebackup was killed (signal 9)");
        assertTheNextFullHasABase(program(postgres));
    }

    @Test
    void a_server_session_that_ends_leaves_the_dump_and_the_run_fails(Postgres postgres) throws Exception {
        Process run = program(postgres).start("full");
        Program.Running running = Program.Running.of(run);
        ChildProcesses.Marked copy = stoppedHalfWay(run);
        String ended = postgres.value(
                "postgres",
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'pg_basebackup'");
        copy.signal("CONT");
        if (!ended.equals("1")) {
            assertDone(running.outcome());
        }
        assumeTrue(ended.equals("1"), "the server had sent all of this small base before its session could be ended");
        assertWholeWithoutBase(running.outcome(), "pg_basebackup failed");
        assertTheNextFullHasABase(program(postgres));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_full_that_is_killed_in_its_base_leaves_nothing_once_the_next_one_ran(boolean spooled, Postgres postgres)
            throws Exception {
        if (spooled) {
            postgres.sql("postgres", "CREATE TABLESPACE further LOCATION '" + postgres.serverFolder("further") + "'");
        }
        try {
            Process run = program(postgres).start("full");
            Program.Running running = Program.Running.of(run);
            ChildProcesses.Marked copy = stoppedHalfWay(run);
            run.destroyForcibly();
            running.outcome();
            if (copy.pid() > 0) {
                children.assertAllEnded();
            }
            assertTheNextFullHasABase(program(postgres));
            assertThat(Aftermath.entries(repository().resolve("full"))).hasSize(1);
        } finally {
            if (spooled) {
                postgres.sql("postgres", "DROP TABLESPACE further");
            }
        }
    }

    @Test
    void no_secret_is_in_an_argument(Postgres postgres) throws Exception {
        Process run = program(postgres).start("full", "--no-test");
        Program.Running running = Program.Running.of(run);
        ChildProcesses.Marked copy = stoppedHalfWay(run);
        assertThat(children.alive())
                .anyMatch(p -> p.runs("pg_basebackup"))
                .allSatisfy(p ->
                        assertThat(p.commandLine()).doesNotContain(Postgres.PASSWORD, "canary", Program.PASSPHRASE));
        copy.signal("CONT");
        assertDone(running.outcome());
    }

    @Test
    void a_full_disk_leaves_the_dump_and_the_run_fails(Postgres postgres) throws Exception {
        Files.createDirectory(repository());
        // room for the dump, not for the base
        int mounted = new ProcessBuilder(
                        "mount",
                        "-t",
                        "tmpfs",
                        "-o",
                        "size=50m",
                        "tmpfs",
                        repository().toString())
                .start()
                .waitFor();
        assumeTrue(mounted == 0, "cannot mount a small tmpfs here; run this test as root");
        try {
            assertWholeWithoutBase(program(postgres).run("full"), "No space left on device");
            new ProcessBuilder("mount", "-o", "remount,size=500m", repository().toString())
                    .start()
                    .waitFor();
            assertTheNextFullHasABase(program(postgres));
        } finally {
            new ProcessBuilder("umount", "--lazy", repository().toString())
                    .start()
                    .waitFor();
        }
    }

    @Test
    void a_spool_that_would_not_fit_is_refused_before_anything_is_copied(Postgres postgres) throws Exception {
        postgres.sql("postgres", "CREATE TABLESPACE roomy LOCATION '" + postgres.serverFolder("roomy") + "'");
        Files.createDirectory(repository());
        int mounted = new ProcessBuilder(
                        "mount",
                        "-t",
                        "tmpfs",
                        "-o",
                        "size=50m",
                        "tmpfs",
                        repository().toString())
                .start()
                .waitFor();
        try {
            assumeTrue(mounted == 0, "cannot mount a small tmpfs here; run this test as root");
            assertRefused(
                    program(postgres).run("full"),
                    ExitCode.PRECONDITION,
                    "is stored, but without a base",
                    "takes ",
                    "BACKUP_DIR");
            assertThat(bases()).isEmpty();
        } finally {
            new ProcessBuilder("umount", "--lazy", repository().toString())
                    .start()
                    .waitFor();
            postgres.sql("postgres", "DROP TABLESPACE roomy");
        }
    }
}
