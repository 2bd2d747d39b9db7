package io.bactrian.acceptance;

import static io.bactrian.acceptance.LoudFailure.assertDone;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.postgres.Tools;
import io.bactrian.repository.Json;
import io.bactrian.s3.FaultProxy;
import io.bactrian.s3.S3Server;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Everything by itself with a real clock, each schedule each minute, while somebody writes, and while all that it needs is killed, one
 * after the other: each is told once, is over by itself, and in the end no row is missing. Ten to twenty minutes.
 */
@Tag("soak")
class UnattendedSoakIT {
    private static final String DATABASE = "alone";
    private static final Duration PATIENCE = Duration.ofMinutes(6);

    @TempDir
    private Path folder;

    private final ChildProcesses children = new ChildProcesses();
    private final AtomicLong written = new AtomicLong();
    private volatile boolean writing = true;
    private volatile boolean slackIsAway;
    private Postgres postgres;
    private S3Server bucket;
    private Webhook slack;
    private FaultProxy network;
    private Program program;
    private CompletableFuture<Void> writer;

    @BeforeEach
    void all_of_it_works() throws Exception {
        postgres = Postgres.start(
                Tools.locateServer(Optional.empty()),
                Map.of("synchronous_commit", "on")); // or its crash loses rows itself
        Slots.bound(postgres);
        postgres.createDatabase(DATABASE);
        postgres.sql(DATABASE, "CREATE TABLE ledger (n bigint PRIMARY KEY)");
        bucket = S3Server.start(folder.resolve("s3"));
        bucket.bucket("backups");
        slack = Webhook.start();
        network = new FaultProxy(
                URI.create(slack.url()).getPort(),
                line -> slackIsAway ? new FaultProxy.Fault.After(0, 0, true) : FaultProxy.Fault.NONE);
        program = children.of(Program.of(repository(), postgres.backupUrl(DATABASE)))
                .with("BACKUP_SCHEDULER_ENABLED", "true")
                .with("BACKUP_SCHEDULE_FULL", "* * * * *")
                .with("BACKUP_SCHEDULE_INCREMENTAL", "* * * * *")
                .with("BACKUP_SCHEDULE_INTEGRITY", "* * * * *")
                .with("BACKUP_SCHEDULE_CLEANUP", "off")
                .with("BACKUP_SLACK_WEBHOOK_URL", network.endpoint() + Webhook.SECRET_PATH)
                .with("BACKUP_S3_BUCKET", "backups")
                .with("BACKUP_S3_ENDPOINT", bucket.endpoint())
                .with("BACKUP_S3_RETRIES", "1");
        for (Map.Entry<String, String> credential : S3Server.credentials().entrySet()) {
            program = program.with(credential.getKey(), credential.getValue());
        }
        writer = CompletableFuture.runAsync(this::write);
    }

    @AfterEach
    void nothing_is_left() throws Exception {
        writing = false;
        for (ChildProcesses.Marked left : children.alive()) {
            ChildProcesses.Marked.signal(left.pid(), "KILL");
        }
        network.close();
        slack.close();
        bucket.close();
        postgres.close();
    }

    private Path repository() {
        return folder.resolve("repository");
    }

    /** Numbered rows, each of its own transaction; whoever is thrown out comes again. */
    private void write() {
        while (writing) {
            try (Connection connection = postgres.connect(DATABASE);
                    Statement statement = connection.createStatement()) {
                while (writing) {
                    long next = written.get() + 1;
                    statement.execute("INSERT INTO ledger VALUES (" + next + ") ON CONFLICT DO NOTHING");
                    written.set(next);
                    statement.execute("SELECT pg_sleep(0.01)");
                }
            } catch (SQLException | RuntimeException e) {
                awaitServer();
            }
        }
    }

    private void awaitServer() {
        await().atMost(PATIENCE).ignoreExceptions().until(() -> {
            if (writing) {
                postgres.value(DATABASE, "SELECT 1");
            }
            return true;
        });
    }

    /** The first lines of what Slack has got. */
    private List<String> told() throws IOException {
        List<String> headlines = new ArrayList<>();
        for (String body : slack.taken()) {
            JsonNode header = Json.mapper().readTree(body).at("/blocks/0/text/text");
            headlines.add(header.asText());
        }
        return headlines;
    }

    private void awaitTold(List<String> headlines) {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(200))
                .untilAsserted(() -> assertThat(told()).containsAll(headlines));
    }

    /** Each of these once, and nothing else; and from here on anew. */
    private void assertToldOnce(List<String> headlines) throws IOException {
        assertThat(told()).containsExactlyInAnyOrderElementsOf(headlines);
        slack.taken().clear();
    }

    private JsonNode schedules() throws IOException {
        try {
            return Json.mapper()
                    .readTree(Files.readAllBytes(repository().resolve(".scheduler/schedules.json")))
                    .path("turns");
        } catch (NoSuchFileException e) {
            return Json.mapper().createObjectNode();
        }
    }

    private boolean isAtWork(String schedule) throws IOException {
        JsonNode turn = schedules().path(schedule);
        return turn.has("started") && !turn.has("ended");
    }

    /** A run of each schedule from its beginning to its good end. */
    private void awaitOneOfEach() throws IOException {
        JsonNode before = schedules();
        for (String schedule : List.of("full", "incremental", "integrity")) {
            await().atMost(PATIENCE).until(() -> {
                JsonNode turn = schedules().path(schedule);
                return turn.has("ended")
                        && !turn.has("error")
                        && !turn.path("started").equals(before.path(schedule).path("started"));
            });
        }
    }

    @Test
    void what_is_killed_is_told_once_and_is_over_by_itself_and_no_row_is_missing() throws Exception {
        Program.Running scheduler = Program.Running.of(program.start("scheduler", "start"));
        awaitOneOfEach();
        assertThat(told()).isEmpty();

        // the database
        List<String> down = List.of("Failed: full of " + DATABASE, "Failed: incremental of " + DATABASE);
        List<String> up = List.of("Recovered: full of " + DATABASE, "Recovered: incremental of " + DATABASE);
        postgres.cluster().kill();
        awaitTold(down);
        postgres.cluster().resume();
        awaitTold(up);
        awaitOneOfEach();
        assertToldOnce(both(down, up));

        // the bucket
        bucket.close();
        awaitTold(List.of("At risk: copies of " + DATABASE));
        awaitOneOfEach();
        bucket = bucket.again();
        awaitTold(List.of("Recovered: copies of " + DATABASE));
        awaitOneOfEach();
        assertToldOnce(List.of("At risk: copies of " + DATABASE, "Recovered: copies of " + DATABASE));

        // the way to Slack, and while it is away there is something to tell
        slackIsAway = true;
        postgres.cluster().kill();
        await().atMost(PATIENCE)
                .until(() -> schedules().path("full").has("error")
                        && schedules().path("incremental").has("error"));
        postgres.cluster().resume();
        awaitOneOfEach();
        assertThat(told()).isEmpty();
        slackIsAway = false;
        awaitTold(both(down, up));
        awaitOneOfEach();
        assertToldOnce(both(down, up));

        // the program itself
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(5)).until(() -> isAtWork("full"));
        ChildProcesses.Marked.signal(scheduler.process().pid(), "KILL");
        scheduler.outcome();
        scheduler = Program.Running.of(program.start("scheduler", "start"));
        awaitTold(List.of("Failed: full of " + DATABASE, "Recovered: full of " + DATABASE));
        awaitOneOfEach();
        assertThat(told().stream().filter(headline -> headline.endsWith("full of " + DATABASE)))
                .hasSize(2);
        assertThat(told()).doesNotHaveDuplicates();

        ChildProcesses.Marked.signal(scheduler.process().pid(), "TERM");
        scheduler.outcome();
        writing = false;
        writer.join();
        assertNothingIsMissing();
    }

    private static List<String> both(List<String> some, List<String> others) {
        List<String> both = new ArrayList<>(some);
        both.addAll(others);
        return both;
    }

    private void assertNothingIsMissing() throws Exception {
        assertDone(program.run("incremental"));
        new StoredWal(repository()).assertUnbroken();
        assertThat(program.run("status").out()).contains("Health Status: HEALTHY");
        assertDone(program.run("test", "--all"));
        assertDone(program.run("test", "--all", "--from", "s3", "--level", "checksum"));
        assertDone(program.with("DATABASE_URL", postgres.adminUrl(DATABASE)).run("pitr", "latest", "again"));
        String rows = "SELECT count(*) FROM ledger WHERE n <= " + written.get();
        assertThat(postgres.value(DATABASE, rows)).isEqualTo(String.valueOf(written.get()));
        assertThat(postgres.value("again", rows)).isEqualTo(String.valueOf(written.get()));
        Aftermath.assertNothingHalfMade(repository());
    }
}
