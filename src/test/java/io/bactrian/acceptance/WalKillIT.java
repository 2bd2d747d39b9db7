package io.bactrian.acceptance;

import static io.bactrian.acceptance.LoudFailure.assertDone;
import static java.util.concurrent.TimeUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.postgres.Tools;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whatever is killed while WAL is received under heavy writing, no byte of it is lost. */
class WalKillIT {
    private static final String DATABASE = "ledger";
    private static final int SIGKILLED = 137;
    private static final String MODIFIED = " modified ";
    private static final String SPOOLED = ".*/[.]spool/.*/[0-9A-F]{24}";
    private static final String SLOT = "SELECT coalesce(max(restart_lsn)::text, '') FROM pg_replication_slots";

    private final ChildProcesses children = new ChildProcesses();
    private Path folder;
    private Postgres postgres;
    private Ledger ledger;
    private Program program;

    @BeforeEach
    void a_chain_and_heavy_writing() throws Exception {
        folder = Files.createTempDirectory("walkill");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        postgres = Postgres.start(Tools.locateServer(Optional.empty()), Ledger.SETTINGS);
        postgres.createDatabase(DATABASE);
        ledger = Ledger.create(() -> postgres.connect(DATABASE));
        program = children.of(
                Program.of(repository(), postgres.backupUrl(DATABASE)).with("BACKUP_PITR", "on"));
        assertDone(program.run("full"));
        ledger.write();
        ledger.flood();
    }

    @AfterEach
    void nothing_is_left() throws Exception {
        ledger.close();
        postgres.close();
        children.assertAllEnded();
        new Shell(folder, Map.of()).run("rm -rf " + folder);
    }

    private Path repository() {
        return folder.resolve("repository");
    }

    @Test
    void an_incremental_that_is_killed_at_any_moment_loses_nothing() throws Exception {
        for (String moment : List.of(
                "start",
                "connection",
                "pg_receivewal",
                "first segment in the spool",
                "first segment half stored",
                "first segment stored",
                "first session key stored",
                "fifth segment stored",
                "signature",
                "manifest",
                "slot advanced")) {
            kill(moment, "incremental");
            if (moment.equals("first segment in the spool") || moment.equals("fifth segment stored")) {
                assertDone(program.run("incremental"));
            }
        }
        assertNothingIsLost();
    }

    @Test
    void a_base_that_is_killed_at_any_moment_loses_nothing() throws Exception {
        for (String moment : List.of(
                "pg_basebackup", "base half stored", "base stored", "incremental within", "manifest of the base")) {
            kill(moment, "full");
            assertDone(program.run("incremental"));
        }
        assertDone(program.run("full"));
        assertNothingIsLost();
    }

    @Test
    void a_pg_receivewal_that_is_killed_is_a_failure_that_loses_nothing() throws Exception {
        int failed = 0;
        for (String moment : List.of("pg_receivewal", "first segment in the spool", "fifth segment in the spool")) {
            awaitMuchLog();
            Callable<Boolean> reached = moment(moment);
            Process run = program.start("incremental");
            Program.Running running = Program.Running.of(run);
            ChildProcesses.Marked receiver = children.await("pg_receivewal", run);
            reach(moment, run, reached);
            ProcessHandle.of(receiver.pid()).ifPresent(ProcessHandle::destroyForcibly); // it may just have ended
            Program.Outcome outcome = running.outcome();
            if (outcome.exitCode() != 0) {
                LoudFailure.assertFailed(outcome, 1, "pg_receivewal");
                failed++;
            }
            new StoredWal(repository()).assertUnbroken();
        }
        assertThat(failed).as("runs whose pg_receivewal was caught alive").isPositive();
        assertNothingIsLost();
    }

    @Test
    void a_repository_that_cannot_be_written_for_a_while_loses_nothing() throws Exception {
        String held = postgres.value("postgres", SLOT);
        try (ReadOnly unwritable = ReadOnly.mount(repository())) {
            for (int i = 0; i < 2; i++) {
                LoudFailure.assertFailed(program.run("incremental"), 1, "Read-only file system");
            }
            assertThat(postgres.value("postgres", SLOT)).as("the slot holds").isEqualTo(held);
        }
        assertNothingIsLost();
    }

    private void kill(String moment, String command) throws Exception {
        Callable<Boolean> reached = moment(moment);
        Process run = program.start(command);
        Program.Running running = Program.Running.of(run);
        reach(moment, run, reached);
        run.destroyForcibly();
        assertThat(running.outcome().exitCode()).as(moment).isEqualTo(SIGKILLED);
        children.assertAllEnded();
        new StoredWal(repository()).assertUnbroken();
    }

    private void assertNothingIsLost() throws Exception {
        assertDone(program.run("incremental"));
        ledger.pause();
        assertDone(program.run("incremental"));
        Aftermath.assertNothingHalfMade(repository());
        StoredWal stored = new StoredWal(repository());
        stored.assertUnbroken();
        stored.assertOneChain();
        new Recovery(program.with("DATABASE_URL", postgres.adminUrl(DATABASE)), folder, postgres::connect)
                .assertLatest(ledger);
    }

    /** So that receiving it takes a while. */
    private void awaitMuchLog() {
        await().atMost(5, MINUTES)
                .until(() -> postgres.value(
                                "postgres",
                                "SELECT pg_current_wal_lsn() - restart_lsn > 200000000 FROM pg_replication_slots")
                        .equals("t"));
    }

    private static void reach(String moment, Process run, Callable<Boolean> reached) {
        await(moment)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .atMost(5, MINUTES)
                .failFast("the run ended before: " + moment, () -> !run.isAlive())
                .until(reached);
    }

    private Callable<Boolean> moment(String name) throws Exception {
        return switch (name) {
            case "start" -> () -> children.alive().stream().anyMatch(p -> p.runs("java"));
            case "connection" ->
                () -> !postgres.value("postgres", "SELECT count(*) FROM pg_stat_activity WHERE usename = 'bactrian'")
                        .equals("0");
            case "pg_receivewal", "pg_basebackup" ->
                () -> children.alive().stream().anyMatch(p -> p.runs(name));
            case "first segment in the spool" -> appears(SPOOLED, 1);
            case "fifth segment in the spool" -> appears(SPOOLED, 5);
            case "first segment half stored" -> appears(".*/wal/.*[.]unfinished", 1);
            case "first segment stored" -> appears(".*/wal/.*[.]pgp", 1);
            case "first session key stored" -> appears(".*/wal/.*[.]key", 1);
            case "fifth segment stored" -> appears(".*/wal/.*[.]pgp", 5);
            case "signature" -> appears(".*/incremental/.*[.]sig.*", 1);
            case "manifest", "incremental within" -> appears(".*/incremental/.*/manifest[.]json", 1);
            case "base half stored" -> appears(".*/base/.*[.]tar.*[.]unfinished", 1);
            case "base stored" -> appears(".*/base/.*[.]tar.*[.]pgp", 1);
            case "manifest of the base" -> appears(".*/base/.*/manifest[.]json", 1);
            case "slot advanced" -> {
                String before = postgres.value("postgres", SLOT);
                yield () -> !postgres.value("postgres", SLOT).equals(before);
            }
            default -> throw new IllegalArgumentException(name);
        };
    }

    /** So many files of such a path that are not there now, or not as they are now. */
    private Callable<Boolean> appears(String path, int count) throws IOException {
        Set<String> before = files();
        return () -> files().stream()
                        .filter(file -> !before.contains(file) && file.matches(path + MODIFIED + ".*"))
                        .count()
                >= count;
    }

    private Set<String> files() throws IOException {
        Set<String> files = new HashSet<>();
        Files.walkFileTree(repository(), new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                files.add(file + MODIFIED + attributes.lastModifiedTime());
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
                return FileVisitResult.CONTINUE; // it has just got another name
            }
        });
        return files;
    }
}
