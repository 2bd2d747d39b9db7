package io.bactrian.postgres;

import io.bactrian.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.List;

/**
 * Writes a custom-format archive that was made through a pipe to a file, and notes in its table of contents where each table's
 * data begins, as pg_dump does itself where it can seek. Without that, each worker of {@code pg_restore --jobs} reads the file
 * from the front to find its table.
 */
public final class ArchiveSpool {
    private static final byte OFFSET_NOT_SET = 1; // K_OFFSET_POS_NOT_SET
    private static final byte OFFSET_SET = 2; // K_OFFSET_POS_SET

    private ArchiveSpool() {}

    /** The file gets every byte of the stream, whether its structure is understood or not; that is for pg_restore to judge. */
    public static void write(InputStream archive, FileChannel file) throws IOException {
        Tee tee = new Tee(archive, file);
        List<ArchiveReader.Place> places;
        try {
            places = ArchiveReader.places(tee, tee::position);
        } catch (Failure unknown) {
            if (tee.failed()) {
                throw unknown;
            }
            places = List.of();
        }
        tee.drain();
        for (ArchiveReader.Place place : places) {
            note(place, file);
        }
    }

    private static void note(ArchiveReader.Place place, FileChannel file) throws IOException {
        ByteBuffer flag = ByteBuffer.allocate(1);
        file.read(flag, place.field());
        if (flag.get(0) != OFFSET_NOT_SET || place.offsetBytes() != Long.BYTES) {
            return;
        }
        ByteBuffer field = ByteBuffer.allocate(1 + Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        field.put(OFFSET_SET).putLong(place.data()).flip();
        long position = place.field();
        while (field.hasRemaining()) {
            position += file.write(field, position);
        }
    }

    /** Whatever is read or skipped has been written to the file; in large pieces, however small the reads are. */
    private static final class Tee extends InputStream {
        private static final int BUFFER_BYTES = 256 * 1024;

        private final InputStream source;
        private final FileChannel file;
        private final byte[] buffer = new byte[BUFFER_BYTES];
        private long filled;
        private int next;
        private int end;
        private boolean failed;

        Tee(InputStream source, FileChannel file) {
            this.source = source;
            this.file = file;
        }

        long position() {
            return filled - (end - next);
        }

        /** Whether it was the source that failed, and not its reader. */
        boolean failed() {
            return failed;
        }

        void drain() throws IOException {
            do {
                next = end;
            } while (fill());
        }

        @Override
        public int read() throws IOException {
            return fill() ? buffer[next++] & 0xff : -1;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            if (!fill()) {
                return -1;
            }
            int n = Math.min(length, end - next);
            System.arraycopy(buffer, next, target, offset, n);
            next += n;
            return n;
        }

        @Override
        public long skip(long wanted) throws IOException {
            if (wanted <= 0 || !fill()) {
                return 0;
            }
            int n = (int) Math.min(wanted, end - next);
            next += n;
            return n;
        }

        /** Sees to it that there is something to read, unless the source has ended. */
        private boolean fill() throws IOException {
            if (next < end) {
                return true;
            }
            next = 0;
            end = 0;
            failed = true;
            int n = source.read(buffer);
            failed = false;
            if (n < 0) {
                return false;
            }
            end = n;
            filled += n;
            ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, n);
            while (bytes.hasRemaining()) {
                file.write(bytes);
            }
            return true;
        }
    }
}
