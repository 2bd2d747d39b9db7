package io.bactrian.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Each of several databases has a health of its own, and the whole is as bad as the worst. */
class HealthOfSeveralTest {
    private static final Duration DAY = Duration.ofHours(26);
    private static final ExpectedDatabase SHOP = new ExpectedDatabase("shop", "shop", DAY);
    private static final ExpectedDatabase CRM = new ExpectedDatabase("crm", "crm", Duration.ofDays(8));
    private static final Instant NOW = SampleChain.at(3000);

    @Test
    void each_has_the_line_of_its_newest_full() {
        Manifest shop = full(2900, "shop");
        Status status = assess(List.of(), full(100, "shop"), shop, full(2000, "crm"));

        assertThat(status.health()).as(status.reasons().toString()).isEqualTo(Health.HEALTHY);
        assertThat(status.databases())
                .extracting(Status.DatabaseEntry::name, Status.DatabaseEntry::health, Status.DatabaseEntry::started)
                .containsExactly(
                        tuple("shop", Health.HEALTHY, shop.started()),
                        tuple("crm", Health.HEALTHY, SampleChain.at(2000)));
        assertThat(status.totalBackups()).isEqualTo(3);
    }

    @Test
    void one_that_never_had_a_backup_is_unhealthy_by_name_whatever_the_others_have() {
        Status status = assess(List.of(), full(2900, "shop"));

        assertThat(status.health()).isEqualTo(Health.UNHEALTHY);
        assertThat(status.reasons()).containsExactly("there is no backup of crm");
        assertThat(status.databases())
                .extracting(Status.DatabaseEntry::health)
                .containsExactly(Health.HEALTHY, Health.UNHEALTHY);
    }

    @Test
    void each_is_late_by_a_limit_of_its_own() {
        Status status = assess(List.of(), full(100, "shop"), full(100, "crm"));

        assertThat(status.reasons()).containsExactly("the newest backup of shop is older than 26 hours");
        assertThat(status.databases())
                .extracting(Status.DatabaseEntry::health)
                .containsExactly(Health.DEGRADED, Health.HEALTHY);
    }

    @Test
    void a_run_that_failed_is_not_made_good_by_one_of_another_database() {
        Status status = assess(
                List.of(run("full", "shop", null, "no connection"), run("full", "crm", null, null)),
                full(2900, "shop"),
                full(2901, "crm"));

        assertThat(status.reasons()).containsExactly("the last full backup of shop failed: no connection");
    }

    @Test
    void a_failed_test_of_the_newest_of_any_is_unhealthy() {
        Manifest shop = full(2900, "shop");
        Status status = assess(List.of(run("test", "shop", shop.id(), "damaged")), shop, full(2901, "crm"));

        assertThat(status.health()).isEqualTo(Health.UNHEALTHY);
        assertThat(status.reasons()).containsExactly("the last integrity test of " + shop.id() + " failed");
    }

    @Test
    void two_databases_of_one_name_are_told_apart_by_what_they_are_called_here() {
        List<ExpectedDatabase> both =
                List.of(new ExpectedDatabase("eu", "shop", DAY), new ExpectedDatabase("us", "shop", DAY));
        Status status = assess(both, List.of(), full(2900, "shop", Map.of(Origin.NAME, "eu"), "1"));

        assertThat(status.reasons()).containsExactly("there is no backup of us");
    }

    @Test
    void a_full_from_before_the_database_had_a_name_here_counts() {
        Status status = assess(List.of(new ExpectedDatabase("shop-eu", "shop", DAY)), List.of(), full(2900, "shop"));

        assertThat(status.health()).as(status.reasons().toString()).isEqualTo(Health.HEALTHY);
    }

    @Test
    void the_ended_chain_of_one_cluster_is_not_history_because_another_cluster_began_one() {
        SampleChain one = SampleChain.begunAt(2000).ofCluster("1");
        SampleChain other = SampleChain.begunAt(2100).ofCluster("2");
        Manifest cut = one.incremental(2001, null, 1, 3, 4);
        Status status = assess(
                List.of(),
                full(2900, "shop", Map.of(), "1"),
                full(2901, "crm", Map.of(), "2"),
                one.base(2000, 1, 3, 4),
                cut,
                one.closing(2500, cut, "the slot is gone"),
                other.base(2100, 1, 3, 4),
                other.incremental(2999, null, 1, 3, 4));

        assertThat(status.reasons())
                .containsExactly("the chain " + one.id() + " has ended, and no new one has begun: the slot is gone");
    }

    private static Status assess(List<RunRecord> history, Manifest... manifests) {
        return assess(List.of(SHOP, CRM), history, manifests);
    }

    private static Status assess(List<ExpectedDatabase> expected, List<RunRecord> history, Manifest... manifests) {
        List<Manifest> sorted =
                Stream.of(manifests).sorted(Comparator.comparing(Manifest::id)).toList();
        return Health.assess(
                expected,
                new Inventory(sorted, List.of()),
                new Survey(List.of()),
                (store, backup) -> true,
                history,
                Duration.ofHours(24),
                NOW);
    }

    private static RunRecord run(String activity, String database, BackupId backup, String error) {
        return new RunRecord(activity, SampleChain.at(2950), 1, backup, null, error).of(database);
    }

    private static Manifest full(int minute, String database) {
        return full(minute, database, Map.of(), null);
    }

    private static Manifest full(int minute, String database, Map<String, String> options, String cluster) {
        Instant started = SampleChain.at(minute);
        return new Manifest(
                Manifest.FORMAT,
                BackupId.full(started),
                Layout.FULL,
                started,
                started.plusSeconds(1),
                1000,
                "host",
                database,
                "15.1",
                cluster,
                "0/0",
                Map.of(),
                options,
                List.of(SampleChain.artifact("database.dump", Artifact.DUMP_CUSTOM, "d")),
                null,
                null,
                List.of(),
                null,
                null,
                null,
                null);
    }
}
