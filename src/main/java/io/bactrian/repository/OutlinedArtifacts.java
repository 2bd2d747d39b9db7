package io.bactrian.repository;

import io.bactrian.postgres.WalSegment;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The artifacts of a manifest, reduced to name, content and size, and segments of log to runs. Immutable.
 *
 * @see Outline
 */
final class OutlinedArtifacts extends AbstractList<Artifact> {
    private final List<Artifact> others;
    private final List<WalRun> runs;
    private final int size;

    OutlinedArtifacts(List<Artifact> others, List<WalRun> runs) {
        this.others = List.copyOf(others);
        this.runs = List.copyOf(runs);
        this.size = others.size() + runs.stream().mapToInt(WalRun::count).sum();
    }

    /** Those of a whole manifest. */
    static OutlinedArtifacts of(Manifest manifest) {
        List<Artifact> others = new ArrayList<>();
        List<WalRun> runs = new ArrayList<>();
        for (Artifact artifact : manifest.artifacts()) {
            long key = artifact.sessionKey() == null ? 0 : artifact.sessionKey().bytes();
            Optional<WalRun> one =
                    segment(manifest, artifact).map(segment -> WalRun.of(segment, artifact, artifact.bytes() + key));
            if (one.isEmpty()) {
                others.add(outline(artifact, artifact.bytes() + key));
            } else if (!runs.isEmpty() && runs.get(runs.size() - 1).isFollowedBy(one.get())) {
                runs.add(runs.remove(runs.size() - 1).with(one.get()));
            } else {
                runs.add(one.get());
            }
        }
        return new OutlinedArtifacts(others, runs);
    }

    private static Optional<WalSegment> segment(Manifest manifest, Artifact artifact) {
        return manifest.wal() != null
                        && artifact.content().equals(Artifact.WAL)
                        && WalSegment.isSize(manifest.wal().segmentBytes())
                ? WalSegment.ofFile(artifact.name(), manifest.wal().segmentBytes())
                : Optional.empty();
    }

    private static Artifact outline(Artifact whole, long stored) {
        return new Artifact(
                whole.name(),
                whole.content().intern(),
                stored,
                null,
                whole.plainBytes(),
                whole.compression().intern(),
                whole.encryption().intern(),
                null,
                null,
                null);
    }

    List<Artifact> others() {
        return others;
    }

    List<WalRun> runs() {
        return runs;
    }

    /** In the store. */
    long bytes() {
        return others.stream().mapToLong(Artifact::bytes).sum()
                + runs.stream().mapToLong(WalRun::stored).sum();
    }

    /** In the order of the list. */
    Stream<String> names() {
        return Stream.concat(others.stream().map(Artifact::name), runs.stream().flatMap(WalRun::names));
    }

    Stream<WalSegment> segments() {
        return runs.stream().flatMap(WalRun::segments);
    }

    @Override
    public Artifact get(int index) {
        if (index < others.size()) {
            return others.get(index);
        }
        int rest = index - others.size();
        for (WalRun run : runs) {
            if (rest < run.count()) {
                return run.get(rest);
            }
            rest -= run.count();
        }
        throw new IndexOutOfBoundsException(index);
    }

    @Override
    public int size() {
        return size;
    }
}
