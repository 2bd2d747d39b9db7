package io.bactrian.repository;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;

/** Can the database be brought back, and is anything on the way to that not as it should be? */
public enum Health {
    HEALTHY,
    /** A restore is possible, but something is late or has failed since. */
    DEGRADED,
    /** There is no backup that can be counted on, or the chain that should reach up to now is broken. */
    UNHEALTHY;

    /**
     * When something is late.
     *
     * @param full of the newest full; twice that, and there is none to be counted on
     * @param wal of the newest WAL of a chain that goes on
     */
    public record Limits(Duration full, Duration wal) {}

    /**
     * A pure function of what the stores and the history say.
     *
     * @param isWanted whether a store is to keep a backup
     */
    public static Status assess(
            Inventory inventory,
            Survey survey,
            BiPredicate<Store, Manifest> isWanted,
            List<RunRecord> history,
            Limits limits,
            Instant now) {
        List<Chain> chains = Chain.of(inventory.manifests());
        Tests tests = new Tests(history);
        List<Status.Entry> backups = new Families(inventory.manifests(), chains).entries(tests);
        Optional<Status.Entry> lastFull =
                backups.stream().filter(b -> b.id().isFull()).reduce((earlier, later) -> later);
        Optional<Status.Entry> last =
                backups.stream().filter(Status.Entry::standsForItself).reduce((earlier, later) -> later);

        Findings findings = new Findings();
        if (lastFull.isEmpty()) {
            findings.bad("there is no backup");
        }
        Set<BackupId> needed = Families.neededNow(lastFull.map(Status.Entry::id), chains);
        backups.stream()
                .map(Status.Entry::id)
                .filter(tests::lastFailed)
                .forEach(id -> findings.add(needed.contains(id), "the last integrity test of " + id + " failed"));
        inventory.unreadable().forEach(id -> findings.worrying("the manifest of " + id + " cannot be read"));
        lastFull.filter(l -> isOlder(l, limits.full(), now))
                .ifPresent(l -> findings.add(
                        isOlder(l, limits.full().multipliedBy(2), now),
                        "the newest backup is older than " + limits.full().toHours() + " hours"));
        lastFull.filter(l -> l.started().isAfter(now))
                .ifPresent(l -> findings.worrying("the newest backup is from the future: is the clock right?"));
        newest(history, Layout.FULL)
                .filter(run -> !run.succeeded())
                .ifPresent(run -> findings.worrying("the last full backup failed: " + firstLine(run.error())));
        newest(history, Layout.INCREMENTAL)
                .filter(run -> !run.succeeded())
                .ifPresent(run -> findings.worrying("the last incremental failed: " + firstLine(run.error())));
        ChainHealth chainHealth = new ChainHealth(chains, limits.wal(), now);
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

    /** Late is one thing; missing the next one too means that nothing is being backed up. */
    private static boolean isOlder(Status.Entry backup, Duration age, Instant now) {
        return Duration.between(backup.started(), now).compareTo(age) > 0;
    }

    private static Optional<RunRecord> newest(List<RunRecord> history, String activity) {
        return history.stream().filter(r -> r.activity().equals(activity)).reduce((earlier, later) -> later);
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("");
    }
}
