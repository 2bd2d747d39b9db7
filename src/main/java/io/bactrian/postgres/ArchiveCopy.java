package io.bactrian.postgres;

import io.bactrian.Failure;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * A stream on its way to a file. Who reads it as a stream copies it; who <i>takes</i> from it decides himself what to <i>put</i>
 * into the file. Both sides are buffered, so that small steps are cheap.
 */
final class ArchiveCopy extends InputStream {
    private static final int BUFFER_BYTES = 256 * 1024;

    private final InputStream source;
    private final FileChannel file;
    private final byte[] in = new byte[BUFFER_BYTES];
    private final ByteBuffer out = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private int next;
    private int end;
    private long flushed;
    private long filled;

    ArchiveCopy(InputStream source, FileChannel file) {
        this.source = source;
        this.file = file;
    }

    /** Bytes taken so far. */
    long taken() {
        return filled - (end - next);
    }

    /** Bytes put so far. */
    long written() {
        return flushed + out.position();
    }

    @Override
    public int read() throws IOException {
        if (!fill()) {
            return -1;
        }
        int value = take();
        put(value);
        return value;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (!fill()) {
            return -1;
        }
        int n = Math.min(length, end - next);
        take(target, offset, n);
        put(target, offset, n);
        return n;
    }

    int take() throws IOException {
        int value = takeIfAny();
        if (value < 0) {
            throw new EOFException();
        }
        return value;
    }

    /** -1 at the end of the stream. */
    int takeIfAny() throws IOException {
        return next < end || fill() ? in[next++] & 0xff : -1;
    }

    /** Takes so many bytes and gives them to somebody else than the file. */
    void send(long length, OutputStream receiver) throws IOException {
        long left = length;
        while (left > 0) {
            if (!fill()) {
                throw new EOFException();
            }
            int n = (int) Math.min(left, end - next);
            receiver.write(in, next, n);
            next += n;
            left -= n;
        }
    }

    void take(byte[] target, int offset, int length) throws IOException {
        int done = 0;
        while (done < length) {
            if (!fill()) {
                throw new EOFException();
            }
            int n = Math.min(length - done, end - next);
            System.arraycopy(in, next, target, offset + done, n);
            next += n;
            done += n;
        }
    }

    void put(int value) throws IOException {
        if (!out.hasRemaining()) {
            flush();
        }
        out.put((byte) value);
    }

    void put(byte[] bytes, int offset, int length) throws IOException {
        int done = 0;
        while (done < length) {
            if (!out.hasRemaining()) {
                flush();
            }
            int n = Math.min(length - done, out.remaining());
            out.put(bytes, offset + done, n);
            done += n;
        }
    }

    /** Takes so many bytes and puts them. */
    void copy(long length) throws IOException {
        long left = length;
        while (left > 0) {
            if (!fill()) {
                throw new EOFException();
            }
            int n = (int) Math.min(left, end - next);
            put(in, next, n);
            next += n;
            left -= n;
        }
    }

    void flush() {
        out.flip();
        flushed += out.remaining();
        try {
            while (out.hasRemaining()) {
                file.write(out);
            }
        } catch (IOException e) {
            throw Failure.running(
                    "cannot unpack what pg_restore needs as a file: " + e.getMessage(),
                    "Large objects, mostly: set BACKUP_TEMP_DIR to a folder with more room.");
        }
        out.clear();
    }

    /** Sees to it that there is something to take, unless the source has ended. */
    private boolean fill() throws IOException {
        if (next < end) {
            return true;
        }
        int n = source.read(in);
        next = 0;
        end = Math.max(n, 0);
        filled += end;
        return n >= 0;
    }
}
