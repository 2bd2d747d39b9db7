package io.bactrian.repository;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.bactrian.postgres.Lsn;
import java.time.Instant;

/**
 * The piece of the write-ahead log that an incremental adds to its chain. Its segments are the artifacts of the manifest whose
 * content is {@link Artifact#WAL}; they lie in {@link Layout#wal}, and cover {@code start} to {@code end} without a gap.
 *
 * @param chain the id of the base that began the chain
 * @param follows the incremental before it in the chain; null for the first one
 * @param segmentBytes size of the cluster's WAL segments
 * @param timeline of the last segment: what recovery is to follow
 * @param start the first byte; a segment boundary; the {@code end} of the incremental before
 * @param end the byte after the last; a segment boundary
 * @param cut the cut that ends it; null where it was closed without one
 * @param closed why the chain ends here; null while it goes on
 * @param open the shell line that opens one segment, {@code $WAL}, without Bactrian, run in the folder of the segments; null
 *     where there is none
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record WalRange(
        BackupId chain,
        BackupId follows,
        int segmentBytes,
        int timeline,
        Lsn start,
        Lsn end,
        Cut cut,
        String closed,
        String open) {

    /**
     * A marker commit, and the switch of the segment that it lies in.
     *
     * @param time the server's clock before the marker was committed: any moment until then can be recovered
     * @param marker the transaction id (xid8) of the marker
     * @param lsn a place after the marker's commit record, and before {@code end}
     * @param switched the byte after the record that finished the segment: what comes next points back to it
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Cut(Instant time, String marker, Lsn lsn, Lsn switched) {}
}
