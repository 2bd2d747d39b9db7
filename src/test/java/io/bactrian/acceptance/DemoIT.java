package io.bactrian.acceptance;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a user sees who starts with {@code bactrian demo}: the whole story, and afterwards a machine as it was before. */
class DemoIT {
    private static final String SAME = "lines, each the same.";

    @TempDir
    private Path temporary;

    @TempDir
    private Path folder;

    private final ChildProcesses children = new ChildProcesses();

    @BeforeEach
    void let_the_account_of_the_server_in() throws Exception {
        PitrScene.passable(temporary);
    }

    /** With settings for backups that exist, which the demo must leave alone. */
    private Program demo() {
        return children.of(Program.of(folder.resolve("repository"), "postgresql://nobody@localhost:1/none")
                .with("BACTRIAN_JAVA_OPTS", "-Djava.io.tmpdir=" + temporary));
    }

    @Test
    void it_backs_up_tests_restores_recovers_and_outlives_the_loss_of_its_folder_and_leaves_nothing() throws Exception {
        Process run = demo().start("demo");
        Program.Running running = Program.Running.of(run);
        Path sockets = sockets(run);

        Program.Outcome outcome = running.outcome();

        assertThat(outcome.exitCode()).as(outcome.toString()).isZero();
        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.out())
                .containsSubsequence(
                        "$ bactrian check",
                        "$ bactrian full",
                        "Proof: 5 tables, 322000 rows",
                        "files as in backup_manifest with their checksums",
                        "$ bactrian test latest",
                        "passed (read)")
                .containsSubsequence(
                        "$ bactrian restore latest shop_copy",
                        "5 of 5 tables as in the proof, 322000 rows",
                        "Restored as database \"shop_copy\"",
                        SAME)
                .containsSubsequence(
                        "$ bactrian incremental",
                        "$ bactrian pitr 2",
                        "5 of 5 tables as in the proof, 322001 rows",
                        "Restored as database \"shop_recovered\"",
                        SAME,
                        "shop --table order_lines",
                        "200001 order lines are there again, and so is the product SKU-NEW")
                .containsSubsequence(
                        "$ bactrian restore latest shop --replace",
                        "5 of 5 tables as in the proof, 322000 rows",
                        "The old database is kept as \"shop_before_",
                        SAME)
                .containsSubsequence(
                        "$ bactrian replicate",
                        "Stores: s3 complete",
                        "$ bactrian status",
                        "Health Status: HEALTHY",
                        "local  0 backups",
                        "s3  5 backups  complete",
                        "$ bactrian restore latest shop_from_the_bucket",
                        "5 of 5 tables as in the proof, 322000 rows",
                        SAME,
                        "nothing is left behind.");
        assertNothingIsLeft(sockets);
    }

    @ParameterizedTest
    @CsvSource({
        "INT, bactrian full",
        "TERM, bactrian restore",
        "INT, pg_dump --no-password",
        "TERM, org.gaul.s3proxy.Main"
    })
    void who_asks_it_to_stop_half_way_finds_no_server_and_no_folder_left(String signal, String moment)
            throws Exception {
        Process run = demo().start("demo");
        Program.Running running = Program.Running.of(run);
        Path sockets = sockets(run);
        reach(moment, run);

        ChildProcesses.Marked.signal(run.pid(), signal);

        assertThat(run.waitFor(15, SECONDS)).as("ends in seconds").isTrue();
        Program.Outcome outcome = running.outcome();
        assertThat(outcome.exitCode()).as(outcome.toString()).isNotZero();
        assertThat(outcome.out()).doesNotContain("nothing is left behind");
        assertThat(outcome.err()).doesNotContain("\tat ", "Exception", "Please report");
        assertNothingIsLeft(sockets);
    }

    @Test
    void what_a_killed_one_left_goes_with_the_next() throws Exception {
        Process killed = demo().start("demo");
        Program.Running first = Program.Running.of(killed);
        Path sockets = sockets(killed);
        reach("bactrian full", killed);
        List<Path> left = Aftermath.entries(temporary);
        ChildProcesses.Marked.signal(killed.pid(), "KILL");
        first.outcome();
        children.assertAllEnded();

        Process next = demo().start("demo");
        Program.Running second = Program.Running.of(next);
        await("the next one's server")
                .atMost(60, SECONDS)
                .failFast(() -> !next.isAlive())
                .until(() -> children.commandLines(temporary).stream().anyMatch(line -> line.contains("initdb")));

        assertThat(left).isNotEmpty().noneMatch(Files::exists);
        assertThat(sockets).doesNotExist();
        ChildProcesses.Marked.signal(next.pid(), "TERM");
        second.outcome();
        assertNothingIsLeft(sockets);
    }

    /** Where the server's socket lies: apart from all else, as its path must be short. */
    private Path sockets(Process run) throws IOException {
        await("the server")
                .atMost(60, SECONDS)
                .failFast(() -> !run.isAlive())
                .until(() -> Aftermath.entries(temporary).stream()
                        .anyMatch(entry -> Files.exists(entry.resolve("sockets"))));
        for (Path entry : Aftermath.entries(temporary)) {
            if (Files.exists(entry.resolve("sockets"))) {
                return Files.readSymbolicLink(entry.resolve("sockets"));
            }
        }
        throw new AssertionError("it went at once");
    }

    private void reach(String moment, Process run) {
        await("until " + moment + " runs")
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .atMost(300, SECONDS)
                .failFast("it ended before", () -> !run.isAlive())
                .until(() -> children.commandLines(temporary).stream().anyMatch(line -> line.contains(moment)));
    }

    private void assertNothingIsLeft(Path sockets) throws IOException {
        await().atMost(10, SECONDS)
                .untilAsserted(
                        () -> assertThat(children.commandLines(temporary)).isEmpty());
        assertThat(Aftermath.entries(temporary)).isEmpty();
        assertThat(sockets).doesNotExist();
        assertThat(folder).isEmptyDirectory();
    }
}
