package io.bactrian.postgres;

import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One file of the write-ahead log (PostgreSQL manual §73.5; names as XLogFileName makes them).
 *
 * @param timeline it was written on
 * @param number of the segment, counted from the log's beginning
 * @param bytes size of every segment of this cluster, a power of two from 1 MiB to 1 GiB
 */
public record WalSegment(int timeline, long number, int bytes) {
    private static final Pattern NAME = Pattern.compile("[0-9A-F]{24}");
    /** Beside segments there are {@code .partial} and {@code .00000028.backup} files. */
    private static final Pattern FILE = Pattern.compile("([0-9A-F]{24}+)(?:\\.(?!partial)[a-z][a-z0-9]*+)*+");

    private static final HexFormat HEX = HexFormat.of().withUpperCase();
    private static final long LOG_BYTES = 0x1_0000_0000L;

    /** The segment that a place in the log lies in. */
    public static WalSegment containing(Lsn lsn, int timeline, int bytes) {
        return new WalSegment(timeline, Long.divideUnsigned(lsn.position(), bytes), bytes);
    }

    /** Empty if that is not the name of a whole segment. */
    public static Optional<WalSegment> named(String name, int bytes) {
        if (!NAME.matcher(name).matches()) {
            return Optional.empty();
        }
        long segmentsPerLog = LOG_BYTES / bytes;
        long low = Long.parseLong(name.substring(16), 16);
        return low >= segmentsPerLog
                ? Optional.empty()
                : Optional.of(new WalSegment(
                        Integer.parseUnsignedInt(name.substring(0, 8), 16),
                        Long.parseLong(name.substring(8, 16), 16) * segmentsPerLog + low,
                        bytes));
    }

    /** The segment that a file holds, packed or not ({@code 000000010000000000000003.zst.pgp}); empty if it holds none. */
    public static Optional<WalSegment> ofFile(String fileName, int bytes) {
        Matcher file = FILE.matcher(fileName);
        return file.matches() ? named(file.group(1), bytes) : Optional.empty();
    }

    /** Whether a file of that name holds a segment, of whatever size. */
    public static boolean isNameOfFile(String name) {
        return FILE.matcher(name).matches();
    }

    /** Whether that can be the size of segments: a power of two from 1 MiB to 1 GiB. */
    public static boolean isSize(int bytes) {
        return bytes >= 1 << 20 && bytes <= 1 << 30 && Integer.bitCount(bytes) == 1;
    }

    public String name() {
        long segmentsPerLog = LOG_BYTES / bytes;
        // a format string takes ten times as long, and there may be a million
        return HEX.toHexDigits(timeline)
                + HEX.toHexDigits((int) (number / segmentsPerLog))
                + HEX.toHexDigits((int) (number % segmentsPerLog));
    }

    public Lsn start() {
        return new Lsn(number * bytes);
    }

    /** The first byte after it. */
    public Lsn end() {
        return new Lsn((number + 1) * bytes);
    }

    public WalSegment previous() {
        return new WalSegment(timeline, number - 1, bytes);
    }

    public WalSegment next() {
        return new WalSegment(timeline, number + 1, bytes);
    }
}
