package io.bactrian.repository;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HealthTest {
    private static final Instant NOW = Instant.parse("2025-01-10T12:00:00Z");
    private static final BackupId FORGOTTEN =
            BackupId.parse("full_2025-01-01T02-00-00-000Z").orElseThrow();
    private static final Duration MAX_AGE = Duration.ofHours(26);
    private static final Manifest OLD = backup(hoursAgo(50));
    private static final Manifest RECENT = backup(hoursAgo(10));

    @Test
    void a_recent_backup_is_healthy() {
        Status status = assess(List.of(RECENT, OLD), List.of(), List.of());

        assertThat(status.health()).isEqualTo(Health.HEALTHY);
        assertThat(status.reasons()).isEmpty();
        assertThat(status.totalBackups()).isEqualTo(2);
        assertThat(status.totalBytes()).isEqualTo(2000);
        assertThat(status.last().id())
                .as("by time, not by the order of the listing")
                .isEqualTo(RECENT.id());
        assertThat(status.backups()).extracting(Status.Entry::id).containsExactly(OLD.id(), RECENT.id());
    }

    @Test
    void no_backup_is_unhealthy() {
        Status status = assess(List.of(), List.of(), List.of());

        assertThat(status.health()).isEqualTo(Health.UNHEALTHY);
        assertThat(status.reasons()).containsExactly("there is no backup");
        assertThat(status.last()).isNull();
    }

    @Test
    void silence_is_failure() {
        assertThat(assess(List.of(backup(NOW.minus(MAX_AGE))), List.of(), List.of())
                        .health())
                .isEqualTo(Health.HEALTHY);
        Status late = assess(List.of(backup(NOW.minus(MAX_AGE).minusMillis(1))), List.of(), List.of());
        assertThat(late.health()).isEqualTo(Health.DEGRADED);
        assertThat(late.reasons()).containsExactly("the newest backup is older than 26 hours");
        Instant longAgo = NOW.minus(MAX_AGE.multipliedBy(2)).minusMillis(1);
        assertThat(assess(List.of(backup(longAgo)), List.of(), List.of()).health())
                .isEqualTo(Health.UNHEALTHY);
    }

    @Test
    void a_failed_run_degrades_until_one_succeeds() {
        RunRecord failed = run("full", 5, null, "pg_dump was killed\nand more");
        RunRecord succeeded = run("full", 4, RECENT.id(), null);

        Status status = assess(List.of(RECENT), List.of(), List.of(failed));
        assertThat(status.health()).isEqualTo(Health.DEGRADED);
        assertThat(status.reasons()).containsExactly("the last full backup failed: pg_dump was killed");
        assertThat(assess(List.of(RECENT), List.of(), List.of(failed, succeeded))
                        .health())
                .isEqualTo(Health.HEALTHY);
    }

    @Test
    void a_failed_restore_says_nothing_about_backups() {
        RunRecord failed = run("restore", 1, RECENT.id(), "the database exists");
        assertThat(assess(List.of(RECENT), List.of(), List.of(failed)).health()).isEqualTo(Health.HEALTHY);
    }

    @Test
    void a_failed_test_of_the_newest_is_unhealthy_and_of_an_older_one_degraded() {
        Status newest = assess(List.of(OLD, RECENT), List.of(), List.of(run("test", 1, RECENT.id(), "damaged")));
        assertThat(newest.health()).isEqualTo(Health.UNHEALTHY);
        assertThat(newest.reasons()).containsExactly("the last integrity test of " + RECENT.id() + " failed");

        Status older = assess(List.of(OLD, RECENT), List.of(), List.of(run("test", 1, OLD.id(), "damaged")));
        assertThat(older.health()).isEqualTo(Health.DEGRADED);
        assertThat(older.reasons()).containsExactly("the last integrity test of " + OLD.id() + " failed");
    }

    @Test
    void the_last_test_counts_and_its_time_is_shown() {
        List<RunRecord> history = List.of(run("test", 3, RECENT.id(), "damaged"), run("test", 2, RECENT.id(), null));

        Status status = assess(List.of(RECENT), List.of(), history);

        assertThat(status.health()).isEqualTo(Health.HEALTHY);
        assertThat(status.last().tested()).isEqualTo(hoursAgo(2));
    }

    @Test
    void an_unreadable_manifest_and_a_backup_from_the_future_are_worrying() {
        Status status = assess(List.of(RECENT, backup(hoursAgo(-1))), List.of(FORGOTTEN), List.of());

        assertThat(status.health()).isEqualTo(Health.DEGRADED);
        assertThat(status.reasons())
                .containsExactly(
                        "the manifest of " + FORGOTTEN + " cannot be read",
                        "the newest backup is from the future: is the clock right?");
    }

    private static Status assess(List<Manifest> manifests, List<BackupId> unreadable, List<RunRecord> history) {
        return Health.assess(manifests, unreadable, history, MAX_AGE, NOW);
    }

    private static Instant hoursAgo(long hours) {
        return NOW.minus(hours, ChronoUnit.HOURS);
    }

    private static RunRecord run(String activity, long hoursAgo, BackupId backup, String error) {
        return new RunRecord(activity, hoursAgo(hoursAgo), 1000, backup, null, error);
    }

    private static Manifest backup(Instant started) {
        Artifact dump =
                new Artifact("database.dump", Artifact.DUMP_CUSTOM, 1000, "", 5000, "none", "none", null, null, "cat");
        return new Manifest(
                Manifest.FORMAT,
                BackupId.full(started),
                "full",
                started,
                started.plusSeconds(1),
                1000,
                "host",
                "db",
                "15.1",
                null,
                "0/0",
                Map.of(),
                Map.of(),
                List.of(dump),
                null,
                null,
                List.of(),
                null,
                null,
                null,
                null);
    }
}
