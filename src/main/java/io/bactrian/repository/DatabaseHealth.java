package io.bactrian.repository;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What the fulls and the runs of one database say. */
final class DatabaseHealth {
    private final ExpectedDatabase expected;
    private final Optional<Manifest> newest;
    private final Tests tests;
    private final Findings findings = new Findings();

    /**
     * @param manifests of all kinds, oldest first
     * @param history oldest first
     */
    DatabaseHealth(
            ExpectedDatabase expected, List<Manifest> manifests, Tests tests, List<RunRecord> history, Instant now) {
        this.expected = expected;
        this.tests = tests;
        this.newest = manifests.stream()
                .filter(manifest -> manifest.id().isFull() && expected.owns(manifest))
                .reduce((earlier, later) -> later);
        reportAge(now);
        reportRuns(history);
    }

    private void reportAge(Instant now) {
        if (newest.isEmpty()) {
            findings.bad("there is no backup" + ofThis());
            return;
        }
        Duration age = Duration.between(newest.get().started(), now);
        if (tests.lastFailed(newest.get().id())) {
            findings.bad("the last integrity test of " + newest.get().id() + " failed");
        }
        if (age.compareTo(expected.maxAge()) > 0) {
            // late is one thing; missing the next one too means that nothing is being backed up
            findings.add(
                    age.compareTo(expected.maxAge().multipliedBy(2)) > 0,
                    "the newest backup" + ofThis() + " is older than "
                            + expected.maxAge().toHours() + " hours");
        }
        if (age.isNegative()) {
            findings.worrying("the newest backup" + ofThis() + " is from the future: is the clock right?");
        }
    }

    private void reportRuns(List<RunRecord> history) {
        failed(history, Layout.FULL)
                .ifPresent(why -> findings.worrying("the last full backup" + ofThis() + " failed: " + why));
        failed(history, Layout.INCREMENTAL)
                .ifPresent(why -> findings.worrying("the last incremental" + ofThis() + " failed: " + why));
    }

    /** Why the last run of a kind failed; empty if it did not. */
    private Optional<String> failed(List<RunRecord> history, String activity) {
        return history.stream()
                .filter(run -> run.activity().equals(activity))
                .filter(run -> expected.isOnly() || expected.name().equals(run.database()))
                .reduce((earlier, later) -> later)
                .filter(run -> !run.succeeded())
                .map(run -> run.error().lines().findFirst().orElse(""));
    }

    private String ofThis() {
        return expected.isOnly() ? "" : " of " + expected.name();
    }

    Optional<Manifest> newest() {
        return newest;
    }

    Findings findings() {
        return findings;
    }

    Status.DatabaseEntry entry() {
        return new Status.DatabaseEntry(
                expected.name(),
                findings.health(),
                newest.map(Manifest::id).orElse(null),
                newest.map(Manifest::started).orElse(null),
                newest.map(Manifest::storedBytes).orElse(null),
                newest.map(Manifest::durationMillis).orElse(null),
                newest.map(full -> tests.passed(full.id())).orElse(null));
    }
}
