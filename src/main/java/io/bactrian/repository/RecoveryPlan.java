package io.bactrian.repository;

import io.bactrian.Failure;
import io.bactrian.postgres.Lsn;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How a cluster gets back to a moment: what to fetch, and what to tell the server.
 *
 * @param base to begin with
 * @param incrementals that hold the log from there to the target, in its order
 * @param segments exactly the ones that are needed, in the order of the log; they lie in {@link #walFolder}
 * @param histories of the timelines on the way; they lie there too
 * @param target where the server is to stop
 * @param timeline for the server to follow ({@code recovery_target_timeline}, which reads decimal numbers)
 * @param until what was committed by then is recovered
 * @param window of which this is a moment
 */
public record RecoveryPlan(
        Chain chain,
        Manifest base,
        List<Manifest> incrementals,
        List<Artifact> segments,
        List<Artifact> histories,
        RecoveryTarget target,
        int timeline,
        Instant until,
        RecoveryWindow window) {

    public RecoveryPlan {
        incrementals = List.copyOf(incrementals);
        segments = List.copyOf(segments);
        histories = List.copyOf(histories);
    }

    /**
     * The plan for the newest base that ended by the time, in the chain that was live then.
     *
     * @param chains as {@link Chain#of} returns them
     * @throws Failure with exit code 3 and the recovery windows if the moment cannot be recovered
     */
    public static RecoveryPlan of(Collection<Chain> chains, RecoveryTime wanted, Instant now) {
        List<Chain> newestFirst = chains.stream()
                .sorted(Comparator.comparing(Chain::id).reversed())
                .toList();
        return newestFirst.stream()
                .flatMap(chain -> in(chain, wanted).stream())
                .findFirst()
                .orElseThrow(() -> RecoveryRefusal.of(newestFirst, wanted, now));
    }

    private static Optional<RecoveryPlan> in(Chain chain, RecoveryTime wanted) {
        List<Manifest> bases = new ArrayList<>(chain.bases());
        bases.sort(
                Comparator.comparing((Manifest base) -> base.physical().end()).thenComparing(Manifest::id));
        Collections.reverse(bases);
        return bases.stream()
                .flatMap(base -> from(chain, base, wanted).stream())
                .findFirst();
    }

    private static Optional<RecoveryPlan> from(Chain chain, Manifest base, RecoveryTime wanted) {
        RecoveryWindow window = chain.window(base).orElse(null);
        if (window == null || !(wanted.isLatest() || window.holds(wanted.instant()))) {
            return Optional.empty();
        }
        WalStretch stretch = chain.stretch(base).orElseThrow();
        return wanted.isLatest()
                ? stretch.furthest(base.physical())
                        .map(last -> plan(
                                chain,
                                base,
                                stretch,
                                last,
                                latest(last),
                                last.wal().cut().time(),
                                window))
                : stretch.covering(base.physical(), wanted.instant())
                        .map(last -> plan(
                                chain,
                                base,
                                stretch,
                                last,
                                RecoveryTarget.time(wanted.instant()),
                                wanted.instant(),
                                window));
    }

    private static RecoveryTarget latest(Manifest last) {
        return RecoveryTarget.lsn(last.wal().cut().lsn());
    }

    private static RecoveryPlan plan(
            Chain chain,
            Manifest base,
            WalStretch stretch,
            Manifest last,
            RecoveryTarget target,
            Instant until,
            RecoveryWindow window) {
        List<Manifest> upTo = stretch.upTo(last);
        Lsn start = base.physical().start();
        List<Manifest> needed =
                upTo.stream().filter(i -> start.isBefore(i.wal().end())).toList();
        List<Artifact> segments = needed.stream()
                .flatMap(i -> WalFiles.segments(i).stream())
                .filter(stored -> start.isBefore(stored.segment().end()))
                .map(WalFiles.Stored::artifact)
                .toList();
        return new RecoveryPlan(
                chain,
                base,
                needed,
                segments,
                histories(upTo),
                target,
                last.wal().timeline(),
                until,
                window);
    }

    /** Each once; where one was stored again, as it was stored last. */
    private static List<Artifact> histories(List<Manifest> incrementals) {
        Map<String, Artifact> histories = new LinkedHashMap<>();
        incrementals.stream()
                .flatMap(i -> WalFiles.histories(i).stream())
                .forEach(history -> histories.put(history.name(), history));
        return List.copyOf(histories.values());
    }

    /** Where segments and histories lie, relative to the root of any store. */
    public String walFolder() {
        return Layout.wal(chain.systemId(), chain.id());
    }

    /** Room that base and log take once they are unpacked, in bytes. */
    public long unpackedBytes() {
        return base.physical().databaseBytes() + segmentBytes();
    }

    private long segmentBytes() {
        return (long) segments.size() * base.physical().segmentBytes();
    }
}
