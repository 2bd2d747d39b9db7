package io.bactrian.repository;

import io.bactrian.postgres.WalSegment;
import java.util.Comparator;
import java.util.List;

/** What an incremental stores, by the names of its artifacts. */
final class WalFiles {
    private WalFiles() {}

    /** A segment, and the artifact that holds it. */
    record Stored(WalSegment segment, Artifact artifact) {}

    /** The segments in the order of the log; what has no segment's name is left out. */
    static List<Stored> segments(Manifest incremental) {
        int bytes = incremental.wal().segmentBytes();
        return incremental.artifacts().stream()
                .filter(a -> a.content().equals(Artifact.WAL))
                .flatMap(a -> WalSegment.ofFile(a.name(), bytes).map(s -> new Stored(s, a)).stream())
                .sorted(Comparator.comparing(stored -> stored.segment().start()))
                .toList();
    }

    /** The timeline of the first segment. */
    static int firstTimeline(Manifest incremental) {
        return segments(incremental).stream()
                .findFirst()
                .map(first -> first.segment().timeline())
                .orElse(incremental.wal().timeline());
    }

    static List<Artifact> histories(Manifest incremental) {
        return incremental.artifacts().stream()
                .filter(a -> a.content().equals(Artifact.TIMELINE_HISTORY))
                .toList();
    }
}
