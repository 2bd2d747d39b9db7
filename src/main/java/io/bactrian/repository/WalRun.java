package io.bactrian.repository;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.bactrian.postgres.WalSegment;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Stored segments that follow each other in the log, in a few numbers: a repository may have a million.
 *
 * @param suffix what follows the name of each segment
 * @param stored bytes of all of them together; of each, the average is told
 */
record WalRun(
        int timeline,
        long first,
        int count,
        int segmentBytes,
        String suffix,
        String compression,
        String encryption,
        long stored) {

    Artifact get(int index) {
        return new Artifact(
                segment(index).name() + suffix,
                Artifact.WAL,
                stored / count + (index < stored % count ? 1 : 0),
                null,
                segmentBytes,
                compression,
                encryption,
                null,
                null,
                null);
    }

    private WalSegment segment(long index) {
        return new WalSegment(timeline, first + index, segmentBytes);
    }

    @JsonIgnore
    Stream<WalSegment> segments() {
        return LongStream.range(0, count).mapToObj(this::segment);
    }

    /** Of the stored files. */
    @JsonIgnore
    Stream<String> names() {
        return segments().map(segment -> segment.name() + suffix);
    }

    /** Begins one with a segment, or none if the artifact is no plain one. */
    static WalRun of(WalSegment segment, Artifact artifact, long stored) {
        return new WalRun(
                segment.timeline(),
                segment.number(),
                1,
                segment.bytes(),
                artifact.name().substring(segment.name().length()).intern(),
                artifact.compression().intern(),
                artifact.encryption().intern(),
                stored);
    }

    boolean isFollowedBy(WalRun next) {
        return next.timeline == timeline
                && next.first == first + count
                && next.segmentBytes == segmentBytes
                && next.suffix.equals(suffix)
                && next.compression.equals(compression)
                && next.encryption.equals(encryption);
    }

    WalRun with(WalRun next) {
        return new WalRun(
                timeline,
                first,
                count + next.count,
                segmentBytes,
                suffix,
                compression,
                encryption,
                stored + next.stored);
    }
}
