package io.bactrian.repository;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;

/** Can the database be brought back, and is anything on the way to that not as it should be? */
public enum Health {
    HEALTHY,
    /** A restore is possible, but something is late or has failed since. */
    DEGRADED,
    /** There is no backup that can be counted on, or the chain that should reach up to now is broken. */
    UNHEALTHY;

    /**
     * A pure function of what the stores and the history say.
     *
     * @param expected the databases that are to be backed up
     * @param isWanted whether a store is to keep a backup
     * @param maxWalAge of the newest WAL of a chain that goes on
     */
    public static Status assess(
            List<ExpectedDatabase> expected,
            Inventory inventory,
            Survey survey,
            BiPredicate<Store, Manifest> isWanted,
            List<RunRecord> history,
            Duration maxWalAge,
            Instant now) {
        List<Chain> chains = Chain.of(inventory.manifests());
        Tests tests = new Tests(history);
        List<Status.Entry> backups = new Families(inventory.manifests(), chains).entries(tests);
        Optional<Status.Entry> last =
                backups.stream().filter(Status.Entry::standsForItself).reduce((earlier, later) -> later);
        List<DatabaseHealth> databases = expected.stream()
                .map(one -> new DatabaseHealth(one, inventory.manifests(), tests, history, now))
                .toList();
        List<Manifest> newest =
                databases.stream().flatMap(one -> one.newest().stream()).toList();
        List<Chain> current = ChainHealth.current(chains, newest);

        Findings findings = new Findings();
        inventory.unreadable().forEach(id -> findings.worrying("the manifest of " + id + " cannot be read"));
        databases.forEach(one -> findings.addAll(one.findings()));
        Set<BackupId> needed = Families.neededNow(current);
        Set<BackupId> newestIds = newest.stream().map(Manifest::id).collect(Collectors.toSet());
        backups.stream()
                .map(Status.Entry::id)
                .filter(id -> tests.lastFailed(id) && !newestIds.contains(id))
                .forEach(id -> findings.add(needed.contains(id), "the last integrity test of " + id + " failed"));
        ChainHealth chainHealth = new ChainHealth(chains, current, maxWalAge, now);
        chainHealth.report(findings);

        List<Status.StoreEntry> stores = new StoreHealth(inventory, survey, isWanted).entries();
        StoreHealth.report(stores, findings);

        return new Status(
                findings.health(),
                findings.reasons(),
                (int) backups.stream().filter(Status.Entry::standsForItself).count(),
                backups.stream().mapToLong(Status.Entry::bytes).sum(),
                last.orElse(null),
                last.map(l -> bytesWithParts(l, backups)).orElse(0L),
                expected.stream().allMatch(ExpectedDatabase::isOnly)
                        ? List.of()
                        : databases.stream().map(DatabaseHealth::entry).toList(),
                backups,
                inventory.unreadable(),
                chainHealth.entries(),
                stores);
    }

    private static long bytesWithParts(Status.Entry whole, List<Status.Entry> backups) {
        return backups.stream()
                .filter(b -> b.equals(whole) || whole.id().equals(b.partOf()))
                .mapToLong(Status.Entry::bytes)
                .sum();
    }
}
