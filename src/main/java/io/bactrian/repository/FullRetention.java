package io.bactrian.repository;

import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.temporal.IsoFields;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Which fulls of each database stay, and why. */
final class FullRetention {
    private final RetentionPolicy policy;
    private final Instant windowStart;
    private final Map<BackupId, String> reasons = new HashMap<>();

    /** Databases of the same name in two clusters are two. */
    private record Database(String systemIdentifier, String name) {}

    /** @param restorable tells whether a full can be counted on */
    FullRetention(
            RetentionPolicy policy, Instant now, Collection<Manifest> fulls, Function<Manifest, Boolean> restorable) {
        this.policy = policy;
        this.windowStart = policy.windowStart(now);
        fulls.stream()
                .collect(Collectors.groupingBy(m -> new Database(m.systemIdentifier(), m.database())))
                .values()
                .forEach(ofOne -> decide(
                        ofOne.stream()
                                .sorted(Comparator.comparing(Manifest::id).reversed())
                                .toList(),
                        restorable));
    }

    private void decide(List<Manifest> newestFirst, Function<Manifest, Boolean> restorable) {
        List<Manifest> good = newestFirst.stream().filter(restorable::apply).toList();
        good.stream().findFirst().ifPresent(m -> keep(m, "the newest restorable full of its database"));
        good.stream()
                .limit(policy.minFull())
                .forEach(m -> keep(m, "one of the newest " + policy.minFull() + " of its database"));
        newestFirst.stream()
                .filter(m -> !m.id().began().isBefore(windowStart))
                .forEach(m -> keep(m, "younger than " + policy.windowText() + ""));
        newestOfEach(good, policy.daily(), "day", date -> date);
        newestOfEach(
                good,
                policy.weekly(),
                "week",
                date -> List.of(date.get(IsoFields.WEEK_BASED_YEAR), date.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR)));
        newestOfEach(good, policy.monthly(), "month", YearMonth::from);
    }

    private void newestOfEach(List<Manifest> newestFirst, int count, String unit, Function<LocalDate, Object> period) {
        Set<Object> periods = new HashSet<>();
        for (Manifest full : newestFirst) {
            if (periods.size() == count) {
                return;
            }
            if (periods.add(period.apply(full.id().began().atZone(policy.zone()).toLocalDate()))) {
                keep(full, "the newest of its " + unit);
            }
        }
    }

    private void keep(Manifest full, String reason) {
        reasons.putIfAbsent(full.id(), reason);
    }

    /** Null if it may go. */
    String reasonToKeep(Manifest full) {
        return reasons.get(Objects.requireNonNull(full).id());
    }
}
