package io.bactrian.acceptance;

import static io.bactrian.acceptance.Aftermath.assertRefused;
import static io.bactrian.acceptance.LoudFailure.assertDone;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.ExitCode;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A connection that is lost while WAL comes is made up for, a while long; then the run fails, and nothing is lost. */
@ExtendWith(Postgres.Shared.class)
class LostConnectionIT {
    private static final String DATABASE = "flaky";
    private static final String LOST = "The connection was lost while WAL was received";
    private static final String STREAMING =
            "SELECT count(*) FROM pg_stat_replication WHERE application_name = 'pg_receivewal' AND state = 'streaming'";

    @TempDir
    private Path folder;

    private Program program;

    @BeforeEach
    void a_chain(Postgres postgres) throws Exception {
        Slots.bound(postgres);
        postgres.createDatabase(DATABASE);
        program = Program.of(repository(), postgres.backupUrl(DATABASE));
        assertDone(program.run("full", "--no-test"));
        postgres.sql(DATABASE, "CREATE TABLE written AS SELECT 1 AS i");
    }

    @AfterEach
    void nothing_is_left(Postgres postgres) throws Exception {
        Aftermath.assertNothingHalfMade(repository());
        Slots.dropAll(postgres);
    }

    private Path repository() {
        return folder.resolve("repository");
    }

    /** A program whose pg_receivewal does these lines the first so many times. */
    private Program failing(int times, String lines) throws Exception {
        return ToolFolder.in(folder.resolve("tools"))
                .replace("pg_receivewal", """
                        case "$*" in *--directory*) echo x >> %1$s/tries;; *) exec $REAL "$@";; esac
                        if [ $(wc -l < %1$s/tries) -le %2$d ]; then %3$s; fi
                        exec $REAL "$@"
                        """.formatted(folder, times, lines))
                .of(program);
    }

    private long tries() throws Exception {
        return Files.lines(folder.resolve("tries")).count();
    }

    private void assertNothingIsLost() throws Exception {
        assertDone(program.run("incremental"));
        StoredWal stored = new StoredWal(repository());
        stored.assertUnbroken();
        stored.assertOneChain();
    }

    @Test
    void a_session_that_the_server_ends_half_way_is_made_up_for(Postgres postgres) throws Exception {
        // without an end it streams on, so that it can be caught
        Program flaky = failing(1, "exec $REAL --directory=. --no-loop --no-sync --no-password");
        Program.Running run = Program.Running.of(flaky.start("incremental"));
        await().atMost(60, SECONDS)
                .failFast("the run ended", () -> !run.process().isAlive())
                .until(() -> postgres.value("postgres", STREAMING).equals("1"));
        postgres.sql(
                "postgres",
                "SELECT pg_terminate_backend(pid) FROM pg_stat_replication WHERE application_name = 'pg_receivewal'");

        Program.Outcome outcome = run.outcome();
        assertDone(outcome);
        assertThat(outcome.err()).containsOnlyOnce(LOST);
        assertThat(tries()).isEqualTo(2);
        assertThat(new StoredWal(repository()).incrementals()).hasSize(2);
        assertNothingIsLost();
    }

    @Test
    void a_server_that_stays_away_fails_the_run_after_the_last_try(Postgres postgres) throws Exception {
        Program flaky = failing(9, "PGHOST=127.0.0.1; PGPORT=1; export PGHOST PGPORT");

        Program.Outcome outcome = flaky.with("BACKUP_WAL_RETRIES", "2").run("incremental");

        assertRefused(outcome, ExitCode.PRECONDITION, "pg_receivewal failed", "Connection refused");
        assertThat(tries()).isEqualTo(3);
        assertThat(Files.readString(repository().resolve("history.jsonl")).lines())
                .as("recorded once")
                .filteredOn(line -> line.contains("Connection refused"))
                .hasSize(1);
        assertThat(new StoredWal(repository()).incrementals()).hasSize(1);
        assertNothingIsLost();
    }
}
