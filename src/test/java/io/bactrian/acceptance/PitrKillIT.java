package io.bactrian.acceptance;

import static io.bactrian.acceptance.LoudFailure.assertDone;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** SIGKILL in any phase of a recovery: no process stays, and the next run clears what lies about. */
@ExtendWith(Postgres.Shared.class)
class PitrKillIT {
    private static final String DATABASE = "mirage";

    @TempDir
    private static Path repository;

    @TempDir
    private Path temporary;

    private static PitrScene scene;

    private final ChildProcesses children = new ChildProcesses();

    @BeforeAll
    static void a_history(Postgres postgres) throws Exception {
        scene = PitrScene.play(postgres, DATABASE, repository);
    }

    @AfterAll
    static void drop_the_slots(Postgres postgres) throws Exception {
        Slots.dropAll(postgres);
    }

    @BeforeEach
    void let_the_account_of_the_server_in() throws Exception {
        PitrScene.passable(temporary);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tar --extract", "--config-file", "pg_dump", "pg_restore"})
    void a_killed_recovery_leaves_no_process_and_the_next_one_clears_its_files(String seen, Postgres postgres)
            throws Exception {
        Program recoveries = children.of(scene.recoveries(temporary));
        killed(recoveries, seen, "pitr", scene.moment(), "recovered");

        assertThat(postgres.databases()).doesNotContain("recovered");
        Program.Outcome next = recoveries.run("pitr", scene.moment(), "recovered");
        assertDone(next);
        assertThat(next.out()).contains("Rows, as counted in the recovered database:");
        Aftermath.assertNothingHalfRestored(postgres, temporary);
        assertThat(postgres.value("recovered", "SELECT count(*) FROM caravan")).isEqualTo("7000");
        postgres.sql("postgres", "DROP DATABASE recovered");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tar --extract", "--config-file"})
    void a_data_directory_of_a_killed_recovery_is_not_taken_for_a_whole_one_and_the_next_run_finishes_it(String seen)
            throws Exception {
        Path data = temporary.resolve("data");
        Program recoveries = children.of(scene.recoveries(temporary));
        String[] command = {"pitr", scene.moment(), "--data-dir", data.toString()};
        killed(recoveries, seen, command);

        assertThat(data.resolve("bactrian.unfinished")).exists();
        Program.Outcome next = recoveries.run(command);
        assertDone(next);
        assertThat(next.out()).contains("Recovered into " + data);
        assertThat(data.resolve("bactrian.unfinished")).doesNotExist();
        assertThat(data.resolve("PG_VERSION")).exists();
        assertThat(Aftermath.entries(temporary)).containsExactly(data);
        new Shell(temporary, Map.of()).run("rm -rf " + data);
    }

    /** Ends a run the hard way as soon as a process of it shows this in its command line; none may outlive it. */
    private void killed(Program program, String seen, String... command) throws Exception {
        Process run = program.start(command);
        Program.Running running = Program.Running.of(run);
        await("until " + seen + " runs")
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .atMost(120, SECONDS)
                .failFast("the run ended before", () -> !run.isAlive())
                .until(() -> ours().stream().anyMatch(line -> line.contains(seen)));
        children.await("java", run).signal("KILL");
        running.outcome();
        await().atMost(20, SECONDS).untilAsserted(() -> assertThat(ours()).isEmpty());
    }

    private List<String> ours() throws IOException {
        return children.commandLines(temporary);
    }
}
