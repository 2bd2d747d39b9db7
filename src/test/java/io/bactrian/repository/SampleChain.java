package io.bactrian.repository;

import io.bactrian.postgres.Lsn;
import io.bactrian.postgres.TimelineHistory;
import io.bactrian.postgres.WalSegment;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Manifests of one chain, as a backup would write them; times are minutes after {@link #DAWN}, places are counts of segments. */
record SampleChain(String systemId, BackupId id) {
    static final Instant DAWN = Instant.parse("2025-01-01T00:00:00Z");
    static final int SEGMENT = 16 << 20;

    static SampleChain begunAt(int minute) {
        return new SampleChain("7300000000000000001", BackupId.base(at(minute)));
    }

    SampleChain ofCluster(String other) {
        return new SampleChain(other, id);
    }

    static Instant at(double minute) {
        return DAWN.plusMillis((long) (minute * 60_000));
    }

    /** A place in the middle of a segment. */
    static Lsn inside(long segment) {
        return new Lsn(segment * SEGMENT + SEGMENT / 2);
    }

    static Lsn startOf(long segment) {
        return new Lsn(segment * SEGMENT);
    }

    /** A base whose copy began and ended in the middle of those segments. */
    Manifest base(int minute, int timeline, long firstSegment, long lastSegment) {
        return base(
                BackupId.base(at(minute)),
                new PhysicalBase(
                        id, timeline, SEGMENT, inside(firstSegment), inside(lastSegment), at(minute + 1), 1000));
    }

    Manifest base(BackupId base, PhysicalBase physical) {
        return manifest(base, List.of(), physical, null);
    }

    /** Segments up to and including the last, all of one timeline, with a cut in the last. */
    Manifest incremental(int minute, Manifest follows, int timeline, long firstSegment, long lastSegment) {
        return incremental(minute, follows, segments(timeline, firstSegment, lastSegment));
    }

    Manifest incremental(int minute, Manifest follows, List<Artifact> artifacts) {
        List<WalSegment> segments = artifacts.stream()
                .flatMap(a -> WalSegment.ofFile(a.name(), SEGMENT).stream())
                .toList();
        WalSegment last = segments.get(segments.size() - 1);
        return incremental(
                BackupId.incremental(at(minute)),
                new WalRange(
                        id,
                        follows == null ? null : follows.id(),
                        SEGMENT,
                        last.timeline(),
                        segments.get(0).start(),
                        last.end(),
                        new WalRange.Cut(
                                at(minute),
                                "1",
                                last.start().plus(SEGMENT / 2 + 64),
                                last.start().plus(SEGMENT / 2 + 88)),
                        null,
                        "cat $WAL"),
                artifacts);
    }

    Manifest incremental(BackupId incremental, WalRange range, List<Artifact> artifacts) {
        return manifest(incremental, artifacts, null, range);
    }

    /** Closes the chain without adding log to it. */
    Manifest closing(int minute, Manifest follows, String reason) {
        WalRange before = follows.wal();
        return incremental(
                BackupId.incremental(at(minute)),
                new WalRange(
                        id, follows.id(), SEGMENT, before.timeline(), before.end(), before.end(), null, reason, null),
                List.of());
    }

    static List<Artifact> segments(int timeline, long first, long last) {
        List<Artifact> artifacts = new ArrayList<>();
        for (long number = first; number <= last; number++) {
            artifacts.add(artifact(
                    new WalSegment(timeline, number, SEGMENT).name() + ".zst.pgp", Artifact.WAL, "t" + timeline));
        }
        return artifacts;
    }

    static Artifact history(int timeline) {
        return artifact(TimelineHistory.fileName(timeline) + ".zst.pgp", Artifact.TIMELINE_HISTORY, "history");
    }

    static Artifact artifact(String name, String content, String digest) {
        return new Artifact(name, content, 100, digest, SEGMENT, "zstd", "openpgp", null, null, null);
    }

    private Manifest manifest(BackupId backup, List<Artifact> artifacts, PhysicalBase physical, WalRange wal) {
        return new Manifest(
                Manifest.FORMAT,
                backup,
                backup.kind(),
                DAWN,
                DAWN,
                0,
                "host",
                null,
                "15.1",
                systemId,
                null,
                Map.of(),
                Map.of(),
                artifacts,
                null,
                null,
                List.of(),
                null,
                physical,
                wal,
                null);
    }
}
