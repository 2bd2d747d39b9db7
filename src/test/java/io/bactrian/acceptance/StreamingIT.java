package io.bactrian.acceptance;

import static io.bactrian.acceptance.LoudFailure.assertDone;
import static java.util.concurrent.TimeUnit.MINUTES;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.postgres.Tools;
import io.bactrian.repository.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** With BACKUP_WAL_STREAMING the scheduler stores WAL between the incrementals. */
class StreamingIT {
    private static final String DATABASE = "streaming";
    private static final long STILLNESS_SECONDS = 8;

    private final ChildProcesses children = new ChildProcesses();
    private Path folder;
    private Postgres postgres;
    private Ledger ledger;
    private Webhook slack;
    private Program program;
    private Journal journal;

    @BeforeEach
    void a_chain_and_a_writer() throws Exception {
        folder = Files.createTempDirectory("streaming");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        postgres = Postgres.start(Tools.locateServer(Optional.empty()), Ledger.SETTINGS);
        Slots.bound(postgres);
        postgres.createDatabase(DATABASE);
        ledger = Ledger.create(() -> postgres.connect(DATABASE));
        journal = new Journal(repository());
        slack = Webhook.start();
        program = children.of(Journal.of(Program.of(repository(), postgres.backupUrl(DATABASE))))
                .with("BACKUP_SLACK_WEBHOOK_URL", slack.url())
                .with("BACKUP_WAL_STREAMING_PATIENCE", "1s");
        assertDone(program.run("full", "--no-test"));
    }

    @AfterEach
    void nothing_is_left() throws Exception {
        for (ChildProcesses.Marked left : children.alive()) {
            ChildProcesses.Marked.signal(left.pid(), "KILL");
        }
        ledger.close();
        slack.close();
        postgres.close();
        new Shell(folder, Map.of()).run("rm -rf " + folder);
    }

    private Path repository() {
        return folder.resolve("repository");
    }

    private Program.Running scheduler() throws Exception {
        return Program.Running.of(program.start("scheduler", "start"));
    }

    private List<JsonNode> incrementals() throws IOException {
        return new StoredWal(repository()).incrementals();
    }

    private JsonNode chain() throws Exception {
        Program.Outcome status = program.run("status", "--json");
        assertDone(status);
        return Json.mapper().readTree(status.out()).at("/chains/0");
    }

    /** Somebody may be streaming this very moment. */
    private void incremental() {
        await().atMost(1, MINUTES).until(() -> program.run("incremental").exitCode() == 0);
    }

    private void assertNothingIsLost() throws Exception {
        ledger.pause();
        incremental();
        StoredWal stored = new StoredWal(repository());
        stored.assertUnbroken();
        stored.assertOneChain();
        new Recovery(program.with("DATABASE_URL", postgres.adminUrl(DATABASE)), folder, postgres::connect)
                .assertLatest(ledger);
    }

    private void assertStops(Program.Running scheduler) throws Exception {
        ChildProcesses.Marked.signal(scheduler.process().pid(), "TERM");
        assertThat(scheduler.outcome().err()).contains("Scheduler stopped").doesNotContain("\tat ");
        children.assertAllEnded();
    }

    @Test
    void what_was_committed_is_stored_within_seconds_and_an_incremental_lists_it() throws Exception {
        Program.Running scheduler = scheduler();
        ledger.write();
        for (int cuts = 0; cuts < 3; cuts++) {
            journal.awaitAfter(ledger.now());
        }
        assertThat(incrementals()).as("only that of the full").hasSize(1);
        assertThat(chain().path("rpoSeconds").asLong()).isLessThan(30);
        String last = journal.last();

        incremental();
        assertThat(incrementals()).hasSize(2);
        assertThat(new StoredWal(repository()).segments(incrementals().get(1))).contains(last);
        assertDone(program.run("full", "--no-test")); // whose base has an incremental of its own
        journal.awaitAfter(ledger.now());

        ledger.pause();
        journal.awaitAllOf(ledger);
        String settled = journal.last();
        await("nothing is cut while nothing is committed")
                .during(STILLNESS_SECONDS, SECONDS)
                .atMost(2 * STILLNESS_SECONDS, SECONDS)
                .until(() -> journal.last().equals(settled));
        assertNothingIsLost();
        assertStops(scheduler);
        assertThat(slack.taken()).isEmpty();
    }

    @Test
    void what_was_streamed_before_the_server_was_lost_can_be_recovered() throws Exception {
        Program.Running scheduler = scheduler();
        ledger.write();
        journal.awaitAfter(ledger.now());
        ledger.pause();
        journal.awaitAllOf(ledger);
        Ledger.History history = ledger.history();

        postgres.cluster().kill();
        await().atMost(1, MINUTES).until(() -> incrementals().size() == 2);
        await().atMost(1, MINUTES)
                .untilAsserted(() -> assertThat(slack.taken())
                        .singleElement()
                        .asString()
                        .contains("Failed: WAL streaming of " + DATABASE, "no WAL comes"));
        assertThat(journal.file()).isEmpty();
        Instant saved = new StoredWal(repository()).windowEnds();

        postgres.cluster().resume();
        await().atMost(2, MINUTES)
                .untilAsserted(() -> assertThat(slack.taken())
                        .hasSize(2)
                        .last()
                        .asString()
                        .contains("Recovered: WAL streaming of " + DATABASE));
        new Recovery(program.with("DATABASE_URL", postgres.adminUrl(DATABASE)), folder, postgres::connect)
                .assertExact(saved, ledger, history);
        assertThat(history.lastBy(saved)).as("all there was").isEqualTo(ledger.last());
        ledger.write();
        journal.awaitAfter(ledger.now());
        assertNothingIsLost();
        assertStops(scheduler);
    }

    @Test
    void an_incremental_without_a_server_fails_but_lists_what_was_streamed() throws Exception {
        Program.Running scheduler = scheduler();
        ledger.write();
        journal.awaitAfter(ledger.now());
        ledger.pause();
        ChildProcesses.Marked.signal(scheduler.process().pid(), "KILL");
        scheduler.outcome();
        postgres.cluster().kill();

        Program.Outcome first = program.run("incremental");
        LoudFailure.assertFailed(first, 3, "can be recovered: it is listed in " + last(incrementals()));
        LoudFailure.assertFailed(program.run("incremental"), 3, "refused");
        assertThat(incrementals()).hasSize(2);
        assertDone(program.run("test", last(incrementals())));

        postgres.cluster().resume();
        assertNothingIsLost();
    }

    private static String last(List<JsonNode> incrementals) {
        return incrementals.get(incrementals.size() - 1).path("id").asText();
    }

    @Test
    void a_scheduler_that_is_killed_at_any_moment_loses_nothing() throws Exception {
        ledger.write();
        ledger.flood();
        for (String moment :
                List.of("pg_receivewal", "segment half stored", "segment stored", "journal", "incremental")) {
            Program.Running scheduler = scheduler();
            reach(moment, scheduler);
            ChildProcesses.Marked.signal(scheduler.process().pid(), "KILL");
            scheduler.outcome();
            children.assertAllEnded();
            new StoredWal(repository()).assertUnbroken();
        }
        assertNothingIsLost();
    }

    private void reach(String moment, Program.Running scheduler) throws Exception {
        long before = wal(".*").size();
        Callable<Boolean> reached = switch (moment) {
            case "pg_receivewal" -> () -> children.alive().stream().anyMatch(p -> p.runs("pg_receivewal"));
            case "segment half stored" -> () -> !wal(".*[.]unfinished").isEmpty();
            case "segment stored" -> () -> wal(".*").size() > before;
            case "journal" -> {
                Instant now = ledger.now();
                yield () -> journal.until().isAfter(now);
            }
            default -> () -> program.run("incremental").exitCode() == 0;
        };
        await(moment)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .atMost(2, MINUTES)
                .ignoreExceptions()
                .failFast(
                        "it ended before: " + moment, () -> !scheduler.process().isAlive())
                .until(reached);
    }

    private List<String> wal(String name) throws IOException {
        try (var files = Files.walk(repository().resolve("wal"))) {
            return files.map(Path::toString).filter(file -> file.matches(name)).toList();
        }
    }

    @Test
    void a_journal_that_is_damaged_is_made_up_for_by_the_server() throws Exception {
        for (String damage : List.of(
                "truncate -s -5 \"$j\"",
                "sed -i 's/\"chain\":\"base_[^\"]*/\"chain\":\"base_2020-01-01T00-00-00.000Z/' \"$j\"",
                "sed -i 's/\"bytes\":[0-9]*/\"bytes\":1/' \"$j\"",
                "sed -i 's/\"name\":\"[^\"]*/\"name\":\"..\\/..\\/etc\\/passwd/' \"$j\"",
                "rm $(ls $(dirname $(dirname \"$j\"))/wal/*/*/*.pgp | tail -n 1)")) {
            Program.Running scheduler = scheduler();
            ledger.write();
            journal.awaitAfter(ledger.now());
            assertStops(scheduler);
            new Shell(folder, Map.of("j", journal.file().orElseThrow().toString())).run(damage);
            ledger.write(10);
            ledger.pause();

            Program.Outcome incremental = program.run("incremental");
            assertDone(incremental);
            assertThat(incremental.err()).as(damage).contains("it is fetched again");
            new StoredWal(repository()).assertUnbroken();
        }
        assertNothingIsLost();
    }

    @Test
    void trouble_that_passes_is_not_told() throws Exception {
        program = program.with("BACKUP_WAL_STREAMING_PATIENCE", "5min");
        Program.Running scheduler = scheduler();
        ledger.write();
        journal.awaitAfter(ledger.now());
        ledger.pause();
        postgres.cluster().kill();
        await().atMost(1, MINUTES).until(() -> incrementals().size() == 2);
        postgres.cluster().resume();
        Instant back = ledger.now();
        await().atMost(90, SECONDS)
                .ignoreExceptionsInstanceOf(IOException.class)
                .until(() -> {
                    postgres.sql(DATABASE, "SELECT pg_current_xact_id()");
                    return journal.until().isAfter(back);
                });
        assertStops(scheduler);
        assertThat(slack.taken()).isEmpty();
        assertThat(scheduler.outcome().err()).contains("WAL is not streamed", "WAL is streamed again");
    }
}
