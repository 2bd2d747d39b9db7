package io.bactrian.pipeline;

import io.bactrian.postgres.Lsn;
import io.bactrian.postgres.WalCut;
import io.bactrian.postgres.WalSegment;
import io.bactrian.repository.BackupId;
import io.bactrian.repository.StreamedWal;
import io.bactrian.repository.WalRange;
import java.nio.file.Path;
import java.util.List;

/**
 * How far an incremental under way is with the WAL that it adds to its chain.
 *
 * @param follows the incremental before it in the chain; null for the first one
 * @param histories names of the timeline histories that the chain has already, as stored
 * @param before the segment before the first that it adds: the end of the chain
 * @param joint the byte after the last record in {@code last}; null where unknown
 * @param last the segment that was stored last; at first {@code before}, or the last one that was streamed
 * @param cut null before the {@code cut} step, and where the chain is closed without one
 * @param end the byte after its last, once the cut said so; a segment boundary
 * @param spool where pg_receivewal writes; null before it does
 * @param arrived what it has fetched and is not stored yet, in the order of the log
 * @param broken why the chain ends here; null while it goes on
 */
public record WalReception(
        BackupId follows,
        List<String> histories,
        WalSegment before,
        Lsn joint,
        WalSegment last,
        WalCut cut,
        Lsn end,
        Path spool,
        List<Path> arrived,
        String broken) {
    /** 1 GiB of segments of the usual size: what the spool may hold. */
    private static final long SEGMENTS_A_ROUND = 64;

    public WalReception {
        histories = List.copyOf(histories);
        arrived = List.copyOf(arrived);
    }

    /** Nothing has come yet. */
    static WalReception after(WalSegment before, Lsn joint, BackupId follows, List<String> histories) {
        return new WalReception(follows, histories, before, joint, before, null, null, null, List.of(), null);
    }

    /** What was streamed is stored already. */
    WalReception after(StreamedWal streamed) {
        WalSegment stored = streamed.lastSegment();
        return new WalReception(
                follows,
                streamed.knownHistories(),
                before,
                streamed.joint(),
                stored,
                null,
                null,
                null,
                List.of(),
                null);
    }

    /** Of what was streamed, and nothing else. */
    static WalReception of(StreamedWal streamed) {
        WalSegment before = streamed.segmentBefore();
        WalSegment stored = streamed.lastSegment();
        return after(before, null, streamed.follows(), streamed.histories())
                .after(streamed)
                .withCut(streamed.cut(), stored.end());
    }

    WalReception withCut(WalCut made, Lsn endsAt) {
        return new WalReception(follows, histories, before, joint, last, made, endsAt, spool, arrived, broken);
    }

    WalReception withSpool(Path folder) {
        return new WalReception(follows, histories, before, joint, last, cut, end, folder, arrived, broken);
    }

    WalReception withArrived(List<Path> files) {
        return new WalReception(follows, histories, before, joint, last, cut, end, spool, files, broken);
    }

    /** The first of what arrived is in the repository. */
    WalReception withStored(WalSegment newest) {
        return new WalReception(
                follows,
                histories,
                before,
                newest.equals(last) ? joint : null,
                newest,
                cut,
                end,
                spool,
                arrived.subList(1, arrived.size()),
                broken);
    }

    WalReception withBreak(String reason) {
        return new WalReception(follows, histories, before, joint, last, cut, end, spool, List.of(), reason);
    }

    /** For routes: whether the chain can go on. */
    public boolean isIntact() {
        return broken == null;
    }

    /** For routes: whether another round has to be fetched. */
    public boolean isLacking() {
        return isIntact() && !isComplete();
    }

    boolean isComplete() {
        return last.end().equals(end);
    }

    /** For routes: where pg_receivewal is to work. */
    public String folder() {
        return spool.toString(); // Camel would take a path for the content of its file
    }

    /** For routes: whether there is something to store. */
    public boolean isWaiting() {
        return !arrived.isEmpty();
    }

    /**
     * For routes: where pg_receivewal ends this round. With the boundary itself it would wait for the record after it, and leave
     * its last segment unfinished.
     */
    public String endpos() {
        Lsn most = last.end().plus(SEGMENTS_A_ROUND * last.bytes());
        return (most.isBefore(end) ? most : end).plus(-1).text();
    }

    /** What the manifest says of it. A chain that is closed gets nothing more: it ends where it ended before. */
    WalRange range(BackupId chain, String open) {
        WalSegment newest = isIntact() ? last : before;
        return new WalRange(
                chain,
                follows,
                newest.bytes(),
                newest.timeline(),
                before.end(),
                newest.end(),
                isIntact() ? new WalRange.Cut(cut.time(), cut.marker(), cut.lsn(), cut.switched()) : null,
                broken,
                isIntact() ? open : null);
    }
}
