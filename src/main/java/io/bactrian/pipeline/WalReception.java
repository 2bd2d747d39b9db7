package io.bactrian.pipeline;

import io.bactrian.postgres.Lsn;
import io.bactrian.postgres.WalSegment;
import io.bactrian.repository.BackupId;
import io.bactrian.repository.WalRange;
import java.nio.file.Path;

/**
 * How far an incremental under way is with the WAL that it adds to its chain.
 *
 * @param follows the incremental before it in the chain; null for the first one
 * @param start the first byte that it adds; a segment boundary
 * @param last the segment that came last; at first the one before {@code start}
 * @param cut null before the {@code cut} step, and where the chain is closed without one
 * @param end the byte after its last, once the cut said so; a segment boundary
 * @param spool where pg_receivewal writes; null while it does not
 * @param broken why the chain ends here; null while it goes on
 */
public record WalReception(
        BackupId follows, Lsn start, WalSegment last, WalRange.Cut cut, Lsn end, Path spool, String broken) {

    static WalReception from(BackupId follows, WalSegment first) {
        return new WalReception(follows, first.start(), first.previous(), null, null, null, null);
    }

    WalReception withCut(WalRange.Cut made, Lsn endsAt) {
        return new WalReception(follows, start, last, made, endsAt, spool, broken);
    }

    WalReception withSpool(Path folder) {
        return new WalReception(follows, start, last, cut, end, folder, broken);
    }

    WalReception withLast(WalSegment arrived) {
        return new WalReception(follows, start, arrived, cut, end, spool, broken);
    }

    WalReception withBreak(String reason) {
        return new WalReception(follows, start, last, cut, end, spool, reason);
    }

    /** For routes: whether the chain can go on. */
    public boolean isIntact() {
        return broken == null;
    }

    /** What the manifest says of it. A chain that is closed gets nothing more: it ends where it ended before. */
    WalRange range(BackupId chain, int segmentBytes, String open) {
        return isIntact()
                ? new WalRange(chain, follows, segmentBytes, last.timeline(), start, last.end(), cut, null, open)
                : new WalRange(chain, follows, segmentBytes, last.timeline(), start, start, null, broken, null);
    }

    boolean isComplete() {
        return last.end().equals(end);
    }
}
