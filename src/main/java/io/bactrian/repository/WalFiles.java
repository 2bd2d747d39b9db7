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

    /** The segment that an artifact holds, by its name. */
    static WalSegment segment(Artifact artifact, int segmentBytes) {
        return WalSegment.ofFile(artifact.name(), segmentBytes)
                .orElseThrow(() -> new IllegalArgumentException("not the name of a segment"));
    }

    /** Only what the names say. */
    static List<WalSegment> places(Manifest incremental) {
        return incremental.artifacts() instanceof OutlinedArtifacts outlined
                ? outlined.segments()
                        .sorted(Comparator.comparing(WalSegment::start))
                        .toList()
                : segments(incremental).stream().map(Stored::segment).toList();
    }

    /** The timeline of the first segment. */
    static int firstTimeline(Manifest incremental) {
        return places(incremental).stream()
                .findFirst()
                .map(WalSegment::timeline)
                .orElse(incremental.wal().timeline());
    }

    static List<Artifact> histories(Manifest incremental) {
        List<Artifact> artifacts = incremental.artifacts() instanceof OutlinedArtifacts outlined
                ? outlined.others()
                : incremental.artifacts();
        return artifacts.stream()
                .filter(a -> a.content().equals(Artifact.TIMELINE_HISTORY))
                .toList();
    }
}
