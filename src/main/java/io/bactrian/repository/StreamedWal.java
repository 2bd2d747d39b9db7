package io.bactrian.repository;

import io.bactrian.postgres.Lsn;
import io.bactrian.postgres.WalCut;
import io.bactrian.postgres.WalSegment;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The log that was stored since the last incremental of a chain, and that no manifest lists yet: the next one does.
 *
 * @param systemId of the cluster, decimal
 * @param serverVersion as {@code server_version} says it
 * @param server where it was reached, {@code db.example.com:5432}
 * @param chain the id of the base that began the chain
 * @param follows the last incremental of the chain; null if it has none
 * @param segmentBytes size of the cluster's WAL segments
 * @param before the segment before the first, the end of the chain
 * @param end the byte after the last record in {@code before}; null where unknown
 * @param histories names of the timeline histories that the chain has already, as stored
 * @param artifacts what was stored since, in the order of the log
 * @param last the segment that was stored last; {@code before} if none was
 * @param cut with which {@code last} was finished; null if none was stored
 */
public record StreamedWal(
        String systemId,
        String serverVersion,
        String server,
        BackupId chain,
        BackupId follows,
        int segmentBytes,
        String before,
        Lsn end,
        List<String> histories,
        List<Artifact> artifacts,
        String last,
        WalCut cut) {

    public StreamedWal {
        histories = List.copyOf(histories);
        artifacts = List.copyOf(artifacts);
    }

    /** One more cut has been made, and what lies before it been stored. */
    public StreamedWal plus(List<Artifact> more, WalSegment newest, WalCut made) {
        List<Artifact> all = new ArrayList<>(artifacts);
        all.addAll(more);
        return new StreamedWal(
                systemId,
                serverVersion,
                server,
                chain,
                follows,
                segmentBytes,
                before,
                end,
                histories,
                all,
                newest.name(),
                made);
    }

    public WalSegment segmentBefore() {
        return segment(before);
    }

    public WalSegment lastSegment() {
        return segment(last);
    }

    private WalSegment segment(String name) {
        return WalSegment.named(name, segmentBytes)
                .orElseThrow(() -> new IllegalArgumentException("not the name of a segment"));
    }

    /** The byte after the last record that is stored; null where unknown. */
    public Lsn joint() {
        return cut == null ? end : cut.switched();
    }

    /** Log on the server that only an incremental lets go. */
    public long bytes() {
        return lastSegment().end().since(segmentBefore().end());
    }

    /** Names of all timeline histories that are stored. */
    public List<String> knownHistories() {
        return Stream.concat(
                        histories.stream(),
                        artifacts.stream()
                                .filter(artifact -> artifact.content().equals(Artifact.TIMELINE_HISTORY))
                                .map(Artifact::name))
                .toList();
    }

    /** Whether it goes on where a chain ends. */
    public boolean continues(Chain goingOn) {
        return goingOn.id().equals(chain)
                && goingOn.end()
                        .filter(its -> its.lsn().equals(segmentBefore().end())
                                && (follows == null ? its.follows() == null : follows.equals(its.follows())))
                        .isPresent();
    }

    /** 15 for any 15.x. */
    public int majorVersion() {
        return Integer.parseInt(serverVersion.replaceFirst("\\D.*", ""));
    }
}
