package io.bactrian.stream;

import io.bactrian.Failure;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The head of a custom-format archive of pg_dump, as {@code ReadHead} and {@code ReadToc} in PostgreSQL's
 * {@code src/bin/pg_dump/pg_backup_archiver.c} read it.
 */
public final class ArchiveHeader {
    /** As much of the archive as the header can take: three strings of at most a few hundred bytes among it. */
    public static final int BYTES = 4096;

    private static final byte[] MAGIC = "PGDMP".getBytes(StandardCharsets.US_ASCII);
    private static final int TIME_FIELDS = 7;
    private static final int STRINGS = 3; // database, server version, pg_dump version

    private ArchiveHeader() {}

    public static boolean isArchive(Peeked stream) {
        return stream.startsWith('P', 'G', 'D', 'M', 'P');
    }

    /** The number of entries in the table of contents. */
    public static int objects(byte[] head) {
        ByteBuffer in = ByteBuffer.wrap(head);
        try {
            in.position(MAGIC.length);
            int major = in.get();
            int minor = in.get();
            in.get(); // revision
            int integerBytes = in.get();
            in.get(); // bytes of an offset
            in.get(); // format
            if (major > 1 || minor >= 15) {
                in.get(); // compression algorithm, one byte since archive version 1.15
            } else {
                integer(in, integerBytes);
            }
            for (int i = 0; i < TIME_FIELDS; i++) {
                integer(in, integerBytes);
            }
            for (int i = 0; i < STRINGS; i++) {
                int length = integer(in, integerBytes);
                in.position(in.position() + Math.max(length, 0));
            }
            return integer(in, integerBytes);
        } catch (java.nio.BufferUnderflowException | IllegalArgumentException e) {
            throw Failure.running(
                    "pg_dump did not write a custom-format archive",
                    "Look at its messages in the log; a wrapper around pg_dump may print to standard output.");
        }
    }

    /** A sign byte, then the magnitude, least significant byte first. */
    private static int integer(ByteBuffer in, int bytes) {
        boolean negative = in.get() != 0;
        int value = 0;
        for (int i = 0; i < bytes; i++) {
            value |= (in.get() & 0xff) << (8 * i);
        }
        return negative ? -value : value;
    }
}
