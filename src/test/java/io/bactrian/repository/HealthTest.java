package io.bactrian.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HealthTest {
    private static final Instant NOW = Instant.parse("2025-01-10T12:00:00Z");
    private static final BackupId FORGOTTEN =
            BackupId.parse("full_2025-01-01T02-00-00-000Z").orElseThrow();
    private static final Duration MAX_AGE = Duration.ofHours(26);
    private static final Duration MAX_WAL_AGE = Duration.ofHours(13);
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

    /** A full at minute 0 with a base, a cut, and two incrementals: at minute 360 and 720. */
    private static final SampleChain CHAIN = SampleChain.begunAt(1);

    private static final Manifest BASE = CHAIN.base(1, 1, 3, 4);
    private static final Manifest WITHIN = CHAIN.incremental(2, null, 1, 3, 4);
    private static final Manifest SECOND = CHAIN.incremental(360, WITHIN, 1, 5, 6);
    private static final Manifest THIRD = CHAIN.incremental(720, SECOND, 1, 7, 7);
    private static final Manifest FULL = backup(SampleChain.at(0), BASE.id());

    private static Status assessAt(int minute, Manifest... manifests) {
        return assess(List.of(manifests), List.of(), List.of(), SampleChain.at(minute));
    }

    @Test
    void a_chain_that_reaches_up_to_now_is_healthy_and_says_what_can_be_recovered() {
        Status status = assessAt(780, THIRD, FULL, BASE, WITHIN, SECOND);

        assertThat(status.health()).as(status.reasons().toString()).isEqualTo(Health.HEALTHY);
        assertThat(status.chains()).singleElement().satisfies(chain -> {
            assertThat(chain.id()).isEqualTo(BASE.id());
            assertThat(chain.cluster()).isEqualTo(CHAIN.systemId());
            assertThat(chain.bases()).containsExactly(BASE.id());
            assertThat(chain.windows()).containsExactly(new RecoveryWindow(SampleChain.at(2), SampleChain.at(720)));
            assertThat(chain.incrementals()).isEqualTo(3);
            assertThat(chain.bytes()).isEqualTo(500);
            assertThat(chain.storedUntil()).isEqualTo(SampleChain.at(720));
            assertThat(chain.rpoSeconds()).isEqualTo(3600);
            assertThat(chain.closed()).isNull();
            assertThat(chain.faults()).isEmpty();
        });
    }

    @Test
    void fulls_and_incrementals_are_counted_and_what_belongs_to_a_full_counts_with_it() {
        Status status = assessAt(5, FULL, BASE, WITHIN);

        assertThat(status.totalBackups()).isEqualTo(1);
        assertThat(status.totalBytes()).as("with the WAL").isEqualTo(1000 + 200);
        assertThat(status.last().id()).isEqualTo(FULL.id());
        assertThat(status.lastBytes()).isEqualTo(1000 + 200);
        assertThat(status.backups())
                .extracting(Status.Entry::id, Status.Entry::partOf)
                .containsExactly(tuple(FULL.id(), null), tuple(BASE.id(), FULL.id()), tuple(WITHIN.id(), FULL.id()));

        Status later = assessAt(780, FULL, BASE, WITHIN, SECOND, THIRD);
        assertThat(later.totalBackups()).isEqualTo(3);
        assertThat(later.last().id()).isEqualTo(THIRD.id());
        assertThat(later.lastBytes()).isEqualTo(100);
    }

    @Test
    void wal_that_stays_away_degrades() {
        assertThat(assessAt(2 + 13 * 60, FULL, BASE, WITHIN).health()).isEqualTo(Health.HEALTHY);
        Status late = assessAt(2 + 13 * 60 + 1, FULL, BASE, WITHIN);
        assertThat(late.health()).isEqualTo(Health.DEGRADED);
        assertThat(late.reasons())
                .containsExactly("the newest WAL of the chain " + BASE.id()
                        + " is older than 13 hours: later changes would be lost with the server");
        assertThat(late.chains().get(0).rpoSeconds()).isEqualTo((13 * 60 + 1) * 60);
    }

    @Test
    void a_chain_that_was_closed_is_unhealthy_until_another_has_begun() {
        Manifest closing = CHAIN.closing(400, SECOND, "the slot is gone");
        Status closed = assessAt(780, FULL, BASE, WITHIN, SECOND, closing);
        assertThat(closed.health()).isEqualTo(Health.UNHEALTHY);
        assertThat(closed.reasons())
                .containsExactly("the chain " + BASE.id() + " has ended, and no new one has begun: the slot is gone");
        assertThat(closed.chains().get(0).closed()).isEqualTo("the slot is gone");
        assertThat(closed.chains().get(0).rpoSeconds()).isNull();

        SampleChain next = SampleChain.begunAt(500).ofCluster("7300000000000000002");
        Manifest base = next.base(500, 1, 13, 14);
        Status again = assessAt(780, FULL, BASE, WITHIN, SECOND, closing, base, next.incremental(501, null, 1, 13, 15));
        assertThat(again.health()).as(again.reasons().toString()).isEqualTo(Health.HEALTHY);
        assertThat(again.chains()).hasSize(2);
    }

    @Test
    void a_chain_that_somebody_detached_is_no_failure_and_gets_no_older() {
        Status detached = assessAt(1500, FULL, BASE, WITHIN, CHAIN.closing(400, WITHIN, "detached"));

        assertThat(detached.health()).as(detached.reasons().toString()).isEqualTo(Health.HEALTHY);
    }

    @Test
    void a_missing_incremental_is_unhealthy_and_splits_the_window() {
        Status gap = assessAt(780, FULL, BASE, WITHIN, THIRD);

        assertThat(gap.health()).isEqualTo(Health.UNHEALTHY);
        assertThat(gap.reasons()).singleElement().asString().contains(THIRD.id().text(), SECOND.id() + ", which");
        assertThat(gap.chains().get(0).windows())
                .containsExactly(new RecoveryWindow(SampleChain.at(2), SampleChain.at(2)));
    }

    @Test
    void a_missing_base_is_unhealthy_in_the_newest_chain() {
        Status missing = assessAt(780, FULL, WITHIN, SECOND, THIRD);

        assertThat(missing.health()).isEqualTo(Health.UNHEALTHY);
        assertThat(missing.chains().get(0).windows()).isEmpty();
    }

    @Test
    void a_failed_test_of_what_a_recovery_needs_now_is_unhealthy() {
        List<RunRecord> history =
                List.of(new RunRecord("test", SampleChain.at(770), 1, SECOND.id(), "read", "damaged"));
        Status status = assess(List.of(FULL, BASE, WITHIN, SECOND, THIRD), List.of(), history, SampleChain.at(780));
        assertThat(status.health()).isEqualTo(Health.UNHEALTHY);
        assertThat(status.reasons()).containsExactly("the last integrity test of " + SECOND.id() + " failed");
    }

    @Test
    void a_failed_incremental_degrades() {
        List<RunRecord> history =
                List.of(new RunRecord("incremental", SampleChain.at(770), 1, null, null, "no connection"));
        Status status = assess(List.of(FULL, BASE, WITHIN, SECOND), List.of(), history, SampleChain.at(780));
        assertThat(status.health()).isEqualTo(Health.DEGRADED);
        assertThat(status.reasons()).containsExactly("the last incremental failed: no connection");
    }

    private static Status assess(List<Manifest> manifests, List<BackupId> unreadable, List<RunRecord> history) {
        return assess(manifests, unreadable, history, NOW);
    }

    private static Status assess(
            List<Manifest> manifests, List<BackupId> unreadable, List<RunRecord> history, Instant now) {
        List<Manifest> sorted =
                manifests.stream().sorted(Comparator.comparing(Manifest::id)).toList();
        return assess(
                List.of(new ExpectedDatabase("", "shop", MAX_AGE)), new Inventory(sorted, unreadable), history, now);
    }

    private static Status assess(
            List<ExpectedDatabase> expected, Inventory inventory, List<RunRecord> history, Instant now) {
        return Health.assess(
                expected, inventory, new Survey(List.of()), (store, backup) -> true, history, MAX_WAL_AGE, now);
    }

    private static Instant hoursAgo(long hours) {
        return NOW.minus(hours, ChronoUnit.HOURS);
    }

    private static RunRecord run(String activity, long hoursAgo, BackupId backup, String error) {
        return new RunRecord(activity, hoursAgo(hoursAgo), 1000, backup, null, error);
    }

    private static Manifest backup(Instant started) {
        return backup(started, null);
    }

    private static Manifest backup(Instant started, BackupId base) {
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
                base,
                null,
                null,
                null);
    }
}
