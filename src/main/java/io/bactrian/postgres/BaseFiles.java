package io.bactrian.postgres;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.LongStream;

/**
 * The files that a base was seen to hold. Of each only 16 bytes are kept, beginnings of SHA-256 over what is known of it, so
 * that a cluster of many files needs little memory; and so a file can be looked up, but not named.
 */
public final class BaseFiles {
    private final LongStream.Builder sized = LongStream.builder();
    private final LongStream.Builder whole = LongStream.builder();
    private final MessageDigest sha256 = sha256();
    private int count;

    /**
     * @param path its bytes, relative to the data directory
     * @param crc32c of its content
     */
    void add(byte[] path, long size, int crc32c) {
        sized.add(mark(path, size, ""));
        whole.add(mark(path, size, hex(crc32c)));
        count++;
    }

    int count() {
        return count;
    }

    /** Ends the collection. */
    Known known() {
        return new Known(sorted(sized), sorted(whole));
    }

    /** For looking up. */
    final class Known {
        private final long[] sized;
        private final long[] whole;

        private Known(long[] sized, long[] whole) {
            this.sized = sized;
            this.whole = whole;
        }

        /** Whether there is a file of this path and size. */
        boolean has(byte[] path, long size) {
            return Arrays.binarySearch(sized, mark(path, size, "")) >= 0;
        }

        /** Whether there is one of this path and size whose content has this checksum, as a manifest writes it. */
        boolean has(byte[] path, long size, String checksum) {
            return Arrays.binarySearch(whole, mark(path, size, checksum)) >= 0;
        }
    }

    /** PostgreSQL writes the number as it lies in the memory of its machine: little-endian on all that are common. */
    private static String hex(int crc32c) {
        return HexFormat.of().toHexDigits(Integer.reverseBytes(crc32c));
    }

    private static long[] sorted(LongStream.Builder marks) {
        return marks.build().sorted().toArray();
    }

    private long mark(byte[] path, long size, String checksum) {
        sha256.update(path);
        byte[] rest = ("\0" + size + "\0" + checksum).getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.wrap(sha256.digest(rest)).getLong();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
