package io.bactrian.acceptance;

import static io.bactrian.acceptance.Aftermath.assertNothingHalfMade;
import static io.bactrian.acceptance.Aftermath.assertRefused;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bactrian.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What goes wrong while a dump runs: the backup fails as a whole, says why, and leaves nothing. */
@ExtendWith(Postgres.Shared.class)
class DumpFailureIT {
    private static final String DATABASE = "failing_dump";
    private static final String READER = "reader_of_some";

    @TempDir
    private Path folder;

    private final ChildProcesses children = new ChildProcesses();

    /** More than fits into the pipes between server, pg_dump and us, so that a dump can be held half way. */
    @BeforeAll
    static void some_data(Postgres postgres) throws Exception {
        postgres.createDatabase(DATABASE);
        postgres.sql(
                DATABASE,
                "CREATE TABLE a_large AS SELECT i, repeat(md5(i::text), 30) AS text FROM generate_series(1, 30000) i",
                "CREATE TABLE b_small AS SELECT 1 AS i",
                "DROP ROLE IF EXISTS " + READER,
                "CREATE ROLE " + READER + " LOGIN PASSWORD '" + Postgres.PASSWORD.replace("'", "''") + "'",
                "GRANT SELECT ON a_large, b_small TO " + READER);
    }

    @AfterEach
    void nothing_is_left_behind() throws Exception {
        assertNothingHalfMade(repository());
        children.assertAllEnded();
    }

    private Path repository() {
        return folder.resolve("repository");
    }

    private Program program(String url) {
        return children.of(Program.of(repository(), url));
    }

    private void assertNoBackup() throws IOException {
        assertThat(Aftermath.entries(repository().resolve("full"))).isEmpty();
    }

    /** Holds pg_dump while it copies the large table. */
    private ChildProcesses.Marked held(Postgres postgres, Process run) throws Exception {
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .atMost(60, SECONDS)
                .failFast("the dump ended before it could be held", () -> !run.isAlive())
                .until(() -> postgres.value(
                                DATABASE,
                                "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'COPY public.a_large %'")
                        .equals("1"));
        ChildProcesses.Marked dump = children.await("pg_dump", run);
        dump.signal("STOP");
        return dump;
    }

    @Test
    void a_locked_table_ends_the_dump_when_the_time_to_wait_is_over(Postgres postgres) throws Exception {
        try (Connection connection = postgres.connect(DATABASE);
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("LOCK TABLE b_small IN ACCESS EXCLUSIVE MODE");
            Program.Outcome outcome = program(postgres.backupUrl(DATABASE))
                    .with("BACKUP_LOCK_TIMEOUT", "300ms")
                    .run("full");
            assertRefused(outcome, ExitCode.FAILED, "LOCK TABLE public.b_small", "BACKUP_LOCK_TIMEOUT");
        }
        assertNoBackup();
    }

    @Test
    void a_right_that_is_revoked_half_way_ends_the_backup(Postgres postgres) throws Exception {
        Process run = program(postgres.cluster().url(READER, Postgres.PASSWORD, DATABASE))
                .start("full");
        Program.Running running = Program.Running.of(run);
        ChildProcesses.Marked dump = held(postgres, run);
        postgres.sql(DATABASE, "REVOKE SELECT ON b_small FROM " + READER);
        dump.signal("CONT");
        Program.Outcome outcome = running.outcome();
        postgres.sql(DATABASE, "GRANT SELECT ON b_small TO " + READER);
        assertRefused(outcome, ExitCode.PRECONDITION, "permission denied", "b_small", "backup-role.sql");
        assertNoBackup();
    }

    @Test
    void a_pg_dump_that_is_killed_half_way_leaves_no_backup(Postgres postgres) throws Exception {
        Process run = program(postgres.backupUrl(DATABASE)).start("full");
        Program.Running running = Program.Running.of(run);
        held(postgres, run).signal("KILL");
        assertRefused(running.outcome(), ExitCode.FAILED, "pg_dump was killed (signal 9)");
        assertNoBackup();
    }

    @Test
    void a_server_session_that_ends_half_way_leaves_no_backup(Postgres postgres) throws Exception {
        Process run = program(postgres.backupUrl(DATABASE)).start("full");
        Program.Running running = Program.Running.of(run);
        ChildProcesses.Marked dump = held(postgres, run);
        postgres.sql(
                "postgres",
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'COPY public.a_large %'");
        dump.signal("CONT");
        assertRefused(running.outcome(), ExitCode.FAILED, "pg_dump failed");
        assertNoBackup();
    }

    @Test
    void of_two_runs_at_once_the_second_is_turned_away_and_the_first_succeeds(Postgres postgres) throws Exception {
        Program program = program(postgres.backupUrl(DATABASE));
        Process run = program.start("full");
        Program.Running first = Program.Running.of(run);
        ChildProcesses.Marked dump = held(postgres, run);
        assertRefused(program.run("full"), ExitCode.BUSY, "another full run");
        dump.signal("CONT");
        assertThat(first.outcome().exitCode()).isZero();
        assertThat(Aftermath.entries(repository().resolve("full"))).hasSize(1);
    }

    @Test
    void a_full_disk_leaves_no_backup_and_the_next_run_succeeds_where_there_is_room(Postgres postgres)
            throws Exception {
        Files.createDirectory(repository());
        mount("size=1m");
        try {
            Program program = program(postgres.backupUrl(DATABASE)).with("BACKUP_COMPRESSION", "none");
            assertRefused(
                    program.run("full"),
                    ExitCode.FAILED,
                    "No space left on device",
                    repository().toString());
            assertNothingHalfMade(repository());
            assertNoBackup();
            remount("size=200m");
            assertThat(program.run("full").exitCode()).isZero();
        } finally {
            unmount();
        }
    }

    @Test
    void a_directory_that_cannot_be_written_is_named(Postgres postgres) throws Exception {
        Path file = Files.createFile(folder.resolve("a-file"));
        Program program = program(postgres.backupUrl(DATABASE));
        assertRefused(
                program.with("BACKUP_DIR", file.resolve("below").toString()).run("full"),
                ExitCode.FAILED,
                file.toString());
        Files.createDirectory(repository());
        mount("ro");
        try {
            assertRefused(program.run("full"), ExitCode.FAILED, repository().toString(), "BACKUP_DIR");
        } finally {
            unmount();
        }
    }

    private void mount(String options) throws Exception {
        int code = new ProcessBuilder(
                        "mount",
                        "-t",
                        "tmpfs",
                        "-o",
                        options,
                        "tmpfs",
                        repository().toString())
                .start()
                .waitFor();
        assumeTrue(code == 0, "cannot mount a small tmpfs here; run this test as root");
    }

    private void remount(String options) throws Exception {
        assertThat(new ProcessBuilder(
                                "mount",
                                "-o",
                                "remount," + options,
                                repository().toString())
                        .start()
                        .waitFor())
                .isZero();
    }

    private void unmount() throws Exception {
        new ProcessBuilder("umount", "--lazy", repository().toString()).start().waitFor();
    }
}
