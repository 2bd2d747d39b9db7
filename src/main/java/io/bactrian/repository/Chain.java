package io.bactrian.repository;

import io.bactrian.postgres.Lsn;
import io.bactrian.postgres.WalSegment;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Bases of one cluster and the write-ahead log after them.
 *
 * @param systemId of the cluster, decimal
 * @param id that of the base that began it
 * @param bases oldest first; one whose log is missing is among them, and {@code faults} says so
 * @param stretches of log without a gap, in its order: one, unless manifests were lost
 * @param closed why it ends; null while it goes on
 * @param faults what is not as it should be, each a sentence; an unbroken chain has none
 */
public record Chain(
        String systemId,
        BackupId id,
        List<Manifest> bases,
        List<WalStretch> stretches,
        String closed,
        List<String> faults) {

    /**
     * Where the next incremental begins.
     *
     * @param lsn a segment boundary
     * @param timeline of the segment before it
     * @param follows the last incremental; null if there is none
     */
    public record End(Lsn lsn, int timeline, int segmentBytes, BackupId follows) {}

    public Chain {
        bases = List.copyOf(bases);
        stretches = List.copyOf(stretches);
        faults = List.copyOf(faults);
    }

    /**
     * All chains that manifests tell of, oldest first.
     *
     * @param manifests authenticated ones, of any clusters, in any order; fulls are passed over
     */
    public static List<Chain> of(Collection<Manifest> manifests) {
        return ChainAssembly.of(manifests);
    }

    /** The newest chain of a cluster. */
    public static Optional<Chain> newest(Collection<Chain> chains, String systemId) {
        return chains.stream().filter(chain -> chain.systemId.equals(systemId)).max(Comparator.comparing(Chain::id));
    }

    public boolean isOpen() {
        return closed == null;
    }

    /** In the order of the log, across gaps. */
    public List<Manifest> incrementals() {
        return stretches.stream().flatMap(s -> s.incrementals().stream()).toList();
    }

    /** Empty if nothing usable is left of it. */
    public Optional<End> end() {
        return stretches.stream()
                .reduce((earlier, later) -> later)
                .map(WalStretch::last)
                .map(last -> new End(
                        last.wal().end(), last.wal().timeline(), last.wal().segmentBytes(), last.id()))
                .or(this::beginning);
    }

    private Optional<End> beginning() {
        return bases.stream()
                .findFirst()
                .map(Manifest::physical)
                .map(base -> new End(
                        WalSegment.containing(base.start(), base.timeline(), base.segmentBytes())
                                .start(),
                        base.timeline(),
                        base.segmentBytes(),
                        null));
    }

    /** The newest base that has its log. */
    public Optional<Manifest> newestBase() {
        return bases.stream().filter(base -> stretch(base).isPresent()).reduce((earlier, later) -> later);
    }

    /** The log that a base was copied in; empty if that is not in the repository. */
    public Optional<WalStretch> stretch(Manifest base) {
        return stretches.stream()
                .filter(stretch -> stretch.covers(base.physical()))
                .reduce((earlier, later) -> later);
    }

    /** What can be recovered from one base. */
    public Optional<RecoveryWindow> window(Manifest base) {
        return stretch(base).flatMap(stretch -> stretch.window(base.physical()));
    }

    /** What can be recovered at all, oldest first: one window, unless log is missing in between. */
    public List<RecoveryWindow> windows() {
        return RecoveryWindow.union(
                bases.stream().flatMap(base -> window(base).stream()).toList());
    }

    /** The newest of its windows. */
    public Optional<RecoveryWindow> window() {
        return windows().stream().reduce((earlier, later) -> later);
    }

    /** The time of the last cut: everything that was committed before it is safe. */
    public Optional<Instant> storedUntil() {
        return cuts().map(WalRange.Cut::time).reduce((earlier, later) -> later);
    }

    private Stream<WalRange.Cut> cuts() {
        return incrementals().stream().map(i -> i.wal().cut()).filter(cut -> cut != null);
    }
}
