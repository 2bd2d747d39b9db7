package io.bactrian.repository;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Can the database be brought back, and is anything on the way to that not as it should be? */
public enum Health {
    HEALTHY,
    /** A restore is possible, but something is late or has failed since. */
    DEGRADED,
    /** There is no backup that can be counted on. */
    UNHEALTHY;

    /** A pure function of what the store and the history say. */
    public static Status assess(
            List<Manifest> manifests,
            List<BackupId> unreadable,
            List<RunRecord> history,
            Duration maxAge,
            Instant now) {
        List<Status.Entry> backups = manifests.stream()
                .sorted(Comparator.comparing(Manifest::id))
                .map(m -> new Status.Entry(
                        m.id(),
                        m.database(),
                        m.started(),
                        m.storedBytes(),
                        m.durationMillis(),
                        tested(m.id(), history)))
                .toList();
        Optional<Status.Entry> last =
                backups.isEmpty() ? Optional.empty() : Optional.of(backups.get(backups.size() - 1));

        List<String> bad = new ArrayList<>();
        List<String> worrying = new ArrayList<>();
        if (last.isEmpty()) {
            bad.add("there is no backup");
        }
        last.filter(l -> lastTestFailed(l.id(), history))
                .ifPresent(l -> bad.add("the last integrity test of " + l.id() + " failed"));
        unreadable.forEach(id -> worrying.add("the manifest of " + id + " cannot be read"));
        last.filter(l -> isOlder(l, maxAge, now))
                .ifPresent(l -> (isOlder(l, maxAge.multipliedBy(2), now) ? bad : worrying)
                        .add("the newest backup is older than " + maxAge.toHours() + " hours"));
        last.filter(l -> l.started().isAfter(now))
                .ifPresent(l -> worrying.add("the newest backup is from the future: is the clock right?"));
        newest(history, "full")
                .filter(run -> !run.succeeded())
                .ifPresent(run -> worrying.add("the last full backup failed: " + firstLine(run.error())));
        backups.stream()
                .filter(b -> last.isPresent() && !b.equals(last.get()) && lastTestFailed(b.id(), history))
                .forEach(b -> worrying.add("the last integrity test of " + b.id() + " failed"));

        Health health = !bad.isEmpty() ? UNHEALTHY : !worrying.isEmpty() ? DEGRADED : HEALTHY;
        List<String> reasons = new ArrayList<>(bad);
        reasons.addAll(worrying);
        return new Status(
                health,
                reasons,
                backups.size(),
                backups.stream().mapToLong(Status.Entry::bytes).sum(),
                last.orElse(null),
                backups,
                unreadable);
    }

    /** Late is one thing; missing the next one too means that nothing is being backed up. */
    private static boolean isOlder(Status.Entry backup, Duration age, Instant now) {
        return Duration.between(backup.started(), now).compareTo(age) > 0;
    }

    private static Optional<RunRecord> newest(List<RunRecord> history, String activity) {
        return history.stream().filter(r -> r.activity().equals(activity)).reduce((earlier, later) -> later);
    }

    private static Optional<RunRecord> lastTest(BackupId id, List<RunRecord> history) {
        return history.stream()
                .filter(r -> r.activity().equals("test") && id.equals(r.backup()))
                .reduce((earlier, later) -> later);
    }

    private static boolean lastTestFailed(BackupId id, List<RunRecord> history) {
        return lastTest(id, history).filter(r -> !r.succeeded()).isPresent();
    }

    private static Instant tested(BackupId id, List<RunRecord> history) {
        return lastTest(id, history)
                .filter(RunRecord::succeeded)
                .map(RunRecord::started)
                .orElse(null);
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("");
    }
}
