package io.bactrian.postgres;

import io.bactrian.Failure;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * What the first page of every WAL segment says of it ({@code XLogLongPageHeaderData} in PostgreSQL's
 * {@code src/include/access/xlog_internal.h}), in the byte order of the server that wrote it.
 *
 * @param timeline that the first page was written on; in the first segment after a switch it may be older than that of the name
 * @param start the place in the log where the segment begins
 * @param systemId of the cluster, decimal
 * @param segmentBytes size of every segment of the cluster
 * @param previous where the record begins that comes before the first one of this segment ({@code xl_prev} of
 *     {@code XLogRecord}); null where the segment begins within a record
 */
public record WalHeader(int timeline, Lsn start, String systemId, int segmentBytes, Lsn previous) {
    /** As many of a segment's first bytes are enough. */
    public static final int BYTES = 56;

    /** The magic number counts versions in its lower byte; since PostgreSQL 11 and at least to 18 its upper one is this. */
    private static final byte MAGIC = (byte) 0xD1;

    private static final int BEGINS_WITHIN_A_RECORD = 0x0001;
    private static final int LONG_HEADER = 0x0002;
    private static final int INFO = 2;
    private static final int TIMELINE = 4;
    private static final int PAGE_ADDRESS = 8;
    private static final int SYSTEM_ID = 24;
    private static final int SEGMENT_BYTES = 32;
    private static final int PREVIOUS_RECORD = 48;

    /** Empty if that is not the beginning of a segment. */
    public static Optional<WalHeader> read(byte[] first) {
        if (first.length < BYTES || (first[1] != MAGIC && first[0] != MAGIC)) {
            return Optional.empty();
        }
        ByteBuffer page =
                ByteBuffer.wrap(first).order(first[1] == MAGIC ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        return (page.getShort(INFO) & LONG_HEADER) == 0
                ? Optional.empty()
                : Optional.of(new WalHeader(
                        page.getInt(TIMELINE),
                        new Lsn(page.getLong(PAGE_ADDRESS)),
                        Long.toUnsignedString(page.getLong(SYSTEM_ID)),
                        page.getInt(SEGMENT_BYTES),
                        (page.getShort(INFO) & BEGINS_WITHIN_A_RECORD) == 0
                                ? new Lsn(page.getLong(PREVIOUS_RECORD))
                                : null));
    }

    /**
     * Fails, with exit code 4, if those are not the first bytes of the segment that is expected.
     *
     * @param first at least {@link #BYTES} of them
     * @param systemId of the cluster that it should come from, decimal
     */
    public static void check(byte[] first, WalSegment expected, String systemId) {
        WalHeader header = read(first).orElseThrow(() -> wrong(expected, "it is not a WAL segment at all"));
        if (!header.systemId.equals(systemId)) {
            throw wrong(
                    expected,
                    "it belongs to another cluster: its system identifier is " + header.systemId + ", not " + systemId);
        }
        if (header.segmentBytes != expected.bytes()) {
            throw wrong(
                    expected,
                    "its cluster has segments of " + header.segmentBytes + " bytes, not of " + expected.bytes());
        }
        if (!header.start.equals(expected.start())) {
            throw wrong(
                    expected,
                    "it belongs to another place in the log, " + header.start + " and not " + expected.start()
                            + ", as a recycled file does");
        }
        if (Integer.compareUnsigned(header.timeline, expected.timeline()) > 0) {
            throw wrong(expected, "it was written on timeline " + Integer.toUnsignedString(header.timeline));
        }
    }

    private static Failure wrong(WalSegment expected, String why) {
        return Failure.integrity(
                "WAL segment " + expected.name() + " is not what its name says: " + why,
                "It cannot be used for recovery. `bactrian test --all` finds every damaged file; `bactrian full` starts anew.");
    }
}
