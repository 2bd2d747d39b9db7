package io.bactrian.repository;

import io.bactrian.postgres.Lsn;
import io.bactrian.postgres.WalSegment;
import java.util.List;
import java.util.Optional;

/**
 * Whether a manifest alone says what a chain can be built from. Whoever writes one asks before; whoever reads one does not
 * believe it otherwise.
 */
public final class ChainCheck {
    private ChainCheck() {}

    /** What is wrong with the manifest of a base or an incremental, as the end of a sentence; empty if nothing is. */
    public static Optional<String> fault(Manifest manifest) {
        if (manifest.systemIdentifier() == null) {
            return Optional.of("names no cluster");
        }
        return manifest.physical() != null ? base(manifest.physical()) : incremental(manifest);
    }

    private static Optional<String> base(PhysicalBase base) {
        if (base.chain() == null || base.start() == null || base.end() == null || base.endTime() == null) {
            return Optional.of("does not say where it begins and ends");
        }
        if (!WalSegment.isSize(base.segmentBytes())) {
            return Optional.of("names an impossible size of segments");
        }
        return base.end().isBefore(base.start()) ? Optional.of("ends before it begins") : Optional.empty();
    }

    private static Optional<String> incremental(Manifest manifest) {
        WalRange range = manifest.wal();
        if (range == null || range.chain() == null || range.start() == null || range.end() == null) {
            return Optional.of("does not say where it begins and ends");
        }
        if (!WalSegment.isSize(range.segmentBytes())) {
            return Optional.of("names an impossible size of segments");
        }
        if (range.closed() == null && !range.start().isBefore(range.end())) {
            return Optional.of("adds nothing to its chain");
        }
        return segments(manifest, range).or(() -> cut(range));
    }

    private static Optional<String> segments(Manifest manifest, WalRange range) {
        List<WalSegment> stored = WalFiles.places(manifest);
        Lsn reached = range.start();
        int timeline = stored.isEmpty() ? range.timeline() : stored.get(0).timeline();
        for (WalSegment segment : stored) {
            if (!segment.start().equals(reached) || Integer.compareUnsigned(segment.timeline(), timeline) < 0) {
                return Optional.of("does not list the segment at " + reached + " once");
            }
            reached = segment.end();
            timeline = segment.timeline();
        }
        if (!reached.equals(range.end())) {
            return Optional.of("does not list the segment at " + reached + " once");
        }
        return timeline == range.timeline()
                ? Optional.empty()
                : Optional.of("names another timeline than its segments");
    }

    private static Optional<String> cut(WalRange range) {
        WalRange.Cut cut = range.cut();
        if (cut == null) {
            return Optional.empty();
        }
        boolean inside = cut.time() != null
                && cut.lsn() != null
                && range.start().isBefore(cut.lsn())
                && cut.lsn().isBefore(range.end());
        return inside ? Optional.empty() : Optional.of("has its cut outside of its log");
    }
}
