package io.bactrian.acceptance;

import static io.bactrian.acceptance.Aftermath.assertRefused;
import static io.bactrian.acceptance.LoudFailure.assertDone;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.ExitCode;
import io.bactrian.repository.Json;
import io.bactrian.repository.RunLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The unattended program, with a real clock. */
@ExtendWith(Postgres.Shared.class)
class SchedulerIT {
    private static final String DATABASE = "unattended";
    private static final long A_MINUTE_AND_MORE = 100;
    private static final long SECONDS_TO_STOP = 30;

    /** As docs/scheduler.md shows it. */
    private static final String OFTEN = """
            - route:
                id: schedule-often
                description: A schedule that somebody added
                from:
                  id: schedule-often-from
                  description: Every minute
                  uri: quartz
                  parameters:
                    groupName: schedule
                    triggerName: often
                    cron: "{{backup.schedule.tick:0 * * * * ?}}"
                    stateful: "true"
                  steps:
                    - setProperty:
                        id: schedule-often-name
                        description: The name under which its runs are noted
                        name: schedule
                        constant:
                          expression: often
                    - setProperty:
                        id: schedule-often-cron
                        description: When it is due
                        name: cron
                        constant:
                          expression: "* * * * *"
                    - setProperty:
                        id: schedule-often-activity
                        description: What is done then
                        name: activity
                        constant:
                          expression: replicate
                    - to:
                        id: schedule-often-run
                        description: If it is due
                        uri: direct
                        parameters:
                          name: schedule-run
            """;

    @TempDir
    private Path folder;

    private final ChildProcesses children = new ChildProcesses();
    private Webhook slack;
    private Program program;

    @BeforeEach
    void a_database(Postgres postgres) throws Exception {
        slack = Webhook.start();
        Slots.bound(postgres);
        postgres.createDatabase(DATABASE);
        postgres.sql(DATABASE, "CREATE TABLE t AS SELECT generate_series(1, 1000) AS i");
        program = children.of(Program.of(repository(), postgres.backupUrl(DATABASE)))
                .with("BACKUP_SCHEDULER_ENABLED", "true")
                .with("BACKUP_SCHEDULE_TICK", "* * * * * ?") // so that nobody waits for the first minute
                .with("BACKUP_SCHEDULE_CLEANUP", "off")
                .with("BACKUP_SCHEDULE_INTEGRITY", "off")
                .with("BACKUP_SCHEDULE_INCREMENTAL", "off");
    }

    @AfterEach
    void nothing_is_left(Postgres postgres) throws Exception {
        for (ChildProcesses.Marked left : children.alive()) {
            ChildProcesses.Marked.signal(left.pid(), "KILL");
        }
        slack.close();
        Slots.dropAll(postgres);
    }

    private Path repository() {
        return folder.resolve("repository");
    }

    private JsonNode status() throws Exception {
        Program.Outcome outcome = program.run("scheduler", "status", "--json");
        assertDone(outcome);
        return Json.mapper().readTree(outcome.out());
    }

    private JsonNode schedule(String name) throws Exception {
        return status().path("schedules").path(name);
    }

    private String lastEnd(String schedule) throws Exception {
        return schedule(schedule).path("last").path("ended").asText("");
    }

    private long fulls() throws Exception {
        return Files.exists(repository().resolve("full"))
                ? Aftermath.entries(repository().resolve("full")).stream()
                        .filter(full -> Files.exists(full.resolve("manifest.json")))
                        .count()
                : 0;
    }

    private void assertStops(Program.Running scheduler) throws Exception {
        ChildProcesses.Marked.signal(scheduler.process().pid(), "TERM");
        assertThat(scheduler.process().waitFor(SECONDS_TO_STOP, SECONDS)).isTrue();
        assertThat(scheduler.outcome().err()).contains("Scheduler stopped").doesNotContain("\tat ");
        assertThat(children.alive()).isEmpty();
    }

    @Test
    void the_first_full_comes_at_once_and_then_each_schedule_at_its_time(Postgres postgres) throws Exception {
        program = program.with("BACKUP_SCHEDULE_FULL", "0 2 29 2 *")
                .with("BACKUP_SCHEDULE_INCREMENTAL", "* * * * *")
                .with("BACKUP_SCHEDULE_INTEGRITY", "* * * * *")
                .with("BACKUP_SCHEDULE_CLEANUP", "* * * * *")
                .with("BACKUP_SCHEDULE_SUMMARY", "* * * * *")
                .with("BACKUP_NOTIFY_ON", "failure,summary")
                .with("BACKUP_SLACK_WEBHOOK_URL", slack.url());
        Program.Running scheduler = Program.Running.of(program.start("scheduler", "start"));
        await().atMost(A_MINUTE_AND_MORE, SECONDS)
                .failFast("it ended", () -> !scheduler.process().isAlive())
                .until(() -> !lastEnd("full").isEmpty());
        assertThat(schedule("full").path("last").path("error").asText("")).isEmpty();
        assertThat(fulls()).isEqualTo(1);
        assertThat(log()).contains("Scheduler started", "Full backup started");

        postgres.sql(DATABASE, "INSERT INTO t VALUES (0)");
        await().atMost(A_MINUTE_AND_MORE, SECONDS)
                .until(() -> !lastEnd("incremental").isEmpty()
                        && !lastEnd("integrity").isEmpty()
                        && !lastEnd("cleanup").isEmpty());
        await().atMost(A_MINUTE_AND_MORE, SECONDS)
                .untilAsserted(() -> assertThat(slack.taken())
                        .anySatisfy(summary -> assertThat(summary)
                                .contains(
                                        "Summary: the last week",
                                        "Health: HEALTHY",
                                        "Runs of full: 1 done, 0 failed")));
        JsonNode now = status();
        assertThat(now.path("running").asText()).isNotEmpty();
        assertThat(now.path("process").asLong()).isEqualTo(scheduler.process().pid());
        for (String schedule : List.of("full", "incremental", "integrity", "cleanup")) {
            assertThat(now.path("schedules")
                            .path(schedule)
                            .path("last")
                            .path("error")
                            .asText(""))
                    .as(schedule)
                    .isEmpty();
            assertThat(now.path("schedules").path(schedule).path("next").asText())
                    .isNotEmpty();
        }
        assertThat(fulls()).isEqualTo(1);
        assertRefused(program.run("scheduler", "start"), ExitCode.BUSY, "another scheduler run is at work");
        assertStops(scheduler);
        assertThat(status().has("running")).isFalse();
        new StoredWal(repository()).assertUnbroken();
    }

    @Test
    void what_was_missed_while_it_was_down_is_made_up_once_and_what_was_cut_off_is_told() throws Exception {
        Program patient = program.with("BACKUP_SCHEDULE_FULL", "0 2 * * *");
        Program.Running first = Program.Running.of(patient.start("scheduler", "start"));
        children.await("pg_dump", first.process());
        ChildProcesses.Marked.signal(first.process().pid(), "KILL");
        first.outcome();
        await().atMost(SECONDS_TO_STOP, SECONDS).until(() -> children.alive().isEmpty());
        assertThat(fulls()).isZero();

        Program.Running second = Program.Running.of(patient.start("scheduler", "start"));
        await().atMost(A_MINUTE_AND_MORE, SECONDS)
                .failFast("it ended", () -> !second.process().isAlive())
                .until(() -> !lastEnd("full").isEmpty()
                        && schedule("full").path("last").path("failures").asInt() == 0);
        assertThat(fulls()).isEqualTo(1);
        ChildProcesses.Marked.signal(second.process().pid(), "TERM");
        assertThat(second.outcome().err()).contains("was cut off: the scheduler was killed, or the machine stopped");
        Aftermath.assertNothingHalfMade(repository());
    }

    @Test
    void changed_routes_take_over_while_it_runs_and_broken_ones_do_not(Postgres postgres) throws Exception {
        Path home = folder.resolve("home");
        Program installed = program.installedIn(home).with("BACKUP_SCHEDULE_FULL", "* * * * *");
        Program.Running scheduler = Program.Running.of(installed.start("scheduler", "start"));
        await().atMost(A_MINUTE_AND_MORE, SECONDS).until(() -> fulls() == 1);

        Path dump = home.resolve("routes/dump.camel.yaml");
        String sound = Files.readString(dump);
        Files.writeString(dump, sound.replace("uri: exec", "uri: exce"));
        await().atMost(SECONDS_TO_STOP, SECONDS).until(() -> log().contains("Not reloaded"));
        await().atMost(SECONDS_TO_STOP, SECONDS)
                .untilAsserted(() -> assertThat(log()).contains("dump.camel.yaml", "there is no component", "Alert: "));
        await().atMost(A_MINUTE_AND_MORE, SECONDS).until(() -> fulls() == 2); // by the old ones

        Files.writeString(dump, sound);
        Files.writeString(home.resolve("routes/schedule-often.camel.yaml"), OFTEN);
        await().atMost(SECONDS_TO_STOP, SECONDS).until(() -> log().contains("Routes and settings reloaded"));
        await().atMost(A_MINUTE_AND_MORE, SECONDS)
                .until(() -> fulls() == 3 && !lastEnd("often").isEmpty());
        assertThat(schedule("often").path("last").path("error").asText("")).isEmpty();
        assertStops(scheduler);
    }

    private String log() throws Exception {
        Path log = repository().resolve("backup.log");
        return Files.exists(log) ? Files.readString(log) : "";
    }

    @Test
    void a_run_whose_lock_is_taken_waits_for_it_and_is_reported_if_that_takes_too_long() throws Exception {
        Files.createDirectories(repository());
        RunLock taken = RunLock.acquire(repository(), "full-" + DATABASE);
        Program.Running impatient = Program.Running.of(
                program.with("BACKUP_SCHEDULE_LOCK_TRIES", "0").start("scheduler", "start"));
        await().atMost(A_MINUTE_AND_MORE, SECONDS).until(() -> !lastEnd("full").isEmpty());
        assertThat(schedule("full").path("last").path("error").asText())
                .contains("another full run of unattended is at work");
        assertThat(log()).contains("full failed: another full run of unattended is at work");
        assertStops(impatient);

        Files.delete(repository().resolve(".scheduler/schedules.json"));
        Program.Running patient = Program.Running.of(program.start("scheduler", "start"));
        await().atMost(A_MINUTE_AND_MORE, SECONDS).until(() -> schedule("full").has("atWork"));
        taken.close();
        await().atMost(A_MINUTE_AND_MORE, SECONDS).until(() -> !lastEnd("full").isEmpty());
        assertThat(schedule("full").path("last").path("error").asText("")).isEmpty();
        assertStops(patient);
    }

    @Test
    void several_databases_run_side_by_side_and_one_that_fails_harms_no_other(Postgres postgres) throws Exception {
        postgres.createDatabase("second");
        program = program.with("BACKUP_DATABASES", DATABASE + ",second,missing")
                .with("BACKUP_SCHEDULE_PARALLEL", "3")
                .with("BACKUP_SLACK_WEBHOOK_URL", slack.url());
        Program.Running scheduler = Program.Running.of(program.start("scheduler", "start"));
        await().atMost(A_MINUTE_AND_MORE, SECONDS)
                .failFast("it ended", () -> !scheduler.process().isAlive())
                .until(() -> fulls() == 2 && !slack.taken().isEmpty());
        await().atMost(A_MINUTE_AND_MORE, SECONDS)
                .until(() -> status().findValuesAsText("ended").size() == 3);
        JsonNode databases = status();
        assertThat(databases.findValuesAsText("database")).containsExactly(DATABASE, "second", "missing");
        assertThat(databases.path(0).path("schedules").has("incremental")).isTrue();
        assertThat(databases.path(1).path("schedules").has("incremental")).isFalse(); // they share a chain
        assertThat(databases.path(2).findValuesAsText("error").toString()).contains("missing");
        assertThat(slack.taken()).singleElement().asString().contains("Failed: full of missing");
        assertThat(Aftermath.entries(repository().resolve("base"))).hasSize(1);
        assertStops(scheduler);
    }

    @Test
    void it_starts_only_where_it_is_enabled_and_its_schedules_are_right() throws Exception {
        assertRefused(
                program.without("BACKUP_SCHEDULER_ENABLED").run("scheduler", "start"),
                ExitCode.USAGE,
                "not enabled",
                "BACKUP_SCHEDULER_ENABLED=true");
        assertRefused(
                program.with("BACKUP_SCHEDULE_INTEGRITY", "0 24 * * *").run("scheduler", "start"),
                ExitCode.USAGE,
                "BACKUP_SCHEDULE_INTEGRITY",
                "24");
        assertRefused(
                program.with("BACKUP_TIMEZONE", "Europe/Olso").run("scheduler", "config"),
                ExitCode.USAGE,
                "BACKUP_TIMEZONE",
                "Europe/Olso");
    }
}
