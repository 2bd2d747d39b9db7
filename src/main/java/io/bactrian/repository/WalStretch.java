package io.bactrian.repository;

import io.bactrian.postgres.Lsn;
import io.bactrian.postgres.TimelineHistory;
import io.bactrian.postgres.WalSegment;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Incrementals of one chain, each of which begins where the one before it ended: log without a gap. A chain is one such stretch,
 * unless manifests were lost.
 *
 * @param incrementals in the order of the log; at least one
 * @param histories the timelines whose histories it holds
 */
public record WalStretch(List<Manifest> incrementals, Set<Integer> histories) {

    public WalStretch {
        incrementals = List.copyOf(incrementals);
        histories = Set.copyOf(histories);
    }

    static WalStretch of(List<Manifest> incrementals) {
        return new WalStretch(
                incrementals,
                incrementals.stream()
                        .flatMap(i -> WalFiles.histories(i).stream())
                        .flatMap(history -> TimelineHistory.timelineOf(history.name()).stream())
                        .collect(Collectors.toSet()));
    }

    public Lsn start() {
        return first().wal().start();
    }

    public Lsn end() {
        return last().wal().end();
    }

    Manifest first() {
        return incrementals.get(0);
    }

    Manifest last() {
        return incrementals.get(incrementals.size() - 1);
    }

    /** Whether it holds the log that was written while that base was copied, and on the base's own timeline. */
    boolean covers(PhysicalBase base) {
        Lsn lastByte =
                base.end().equals(base.start()) ? base.start() : base.end().plus(-1);
        return !base.start().isBefore(start())
                && lastByte.isBefore(end())
                && timelineAt(base.start()) == base.timeline()
                && timelineAt(lastByte) == base.timeline();
    }

    private int timelineAt(Lsn lsn) {
        Manifest holder = incrementals.stream()
                .filter(i -> lsn.isBefore(i.wal().end()))
                .findFirst()
                .orElseThrow();
        return WalFiles.places(holder).stream()
                .filter(segment -> lsn.isBefore(segment.end()))
                .findFirst()
                .map(WalSegment::timeline)
                .orElseThrow();
    }

    /** From the end of a base that it covers to the last moment that a cut proves; empty if there is no such cut. */
    Optional<RecoveryWindow> window(PhysicalBase base) {
        return targets(base)
                .map(i -> i.wal().cut().time())
                .max(Comparator.naturalOrder())
                .filter(to -> !to.isBefore(base.endTime()))
                .map(to -> new RecoveryWindow(base.endTime(), to));
    }

    /** The first incremental with a marker that makes a recovery from that base to that time stop. */
    Optional<Manifest> covering(PhysicalBase base, Instant time) {
        return targets(base).filter(i -> !i.wal().cut().time().isBefore(time)).findFirst();
    }

    /** The last incremental that a recovery from that base can reach the cut of. */
    Optional<Manifest> furthest(PhysicalBase base) {
        return targets(base).reduce((earlier, later) -> later);
    }

    /** Recovery finds its way to a younger timeline only by that timeline's history. */
    private Stream<Manifest> targets(PhysicalBase base) {
        return incrementals.stream()
                .filter(i -> i.wal().cut() != null && !i.wal().cut().lsn().isBefore(base.end()))
                .filter(i -> i.wal().timeline() == base.timeline()
                        || histories.contains(i.wal().timeline()));
    }

    /** All up to that one, in the order of the log. */
    List<Manifest> upTo(Manifest last) {
        return incrementals.subList(0, incrementals.indexOf(last) + 1);
    }
}
