package io.bactrian.stream;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Runs a {@link Filter} over a stream in a thread of its own and hands the result on as a stream to pull. Between the two lie at
 * most {@value #BUFFERS} buffers of {@value #BUFFER_BYTES} bytes, so memory is bounded and the slower side sets the pace.
 *
 * <p>A failure of the source or the filter is thrown to the reader in place of the end of the stream: a short stream is never
 * mistaken for a whole one. Closing early stops the thread and closes the source.
 */
public final class Stage extends InputStream {
    private static final int BUFFERS = 8;
    private static final int BUFFER_BYTES = 128 * 1024;

    private record Chunk(byte[] bytes, int length, Throwable failure) {
        boolean last() {
            return bytes == null;
        }
    }

    private final InputStream source;
    private final BlockingQueue<Chunk> filled = new ArrayBlockingQueue<>(BUFFERS + 1);
    private final BlockingQueue<byte[]> empty = new ArrayBlockingQueue<>(BUFFERS);
    private final Thread thread;
    private Chunk current;
    private int position;

    private Stage(String name, InputStream source, Filter filter) {
        this.source = source;
        for (int i = 0; i < BUFFERS; i++) {
            empty.add(new byte[BUFFER_BYTES]);
        }
        thread = new Thread(() -> run(filter), name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Starts at once: the filter works while the caller still prepares to read. */
    public static Stage of(String name, InputStream source, Filter filter) {
        return new Stage(name, source, filter);
    }

    private void run(Filter filter) {
        Throwable failure = null;
        try (OutputStream out = filter.to(new Buffers())) {
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int n; (n = source.read(buffer)) >= 0; ) {
                out.write(buffer, 0, n);
            }
        } catch (Throwable e) { // the reader must learn of everything, an OutOfMemoryError too
            failure = e;
        }
        filled.add(new Chunk(null, 0, failure)); // there is room for one more than there are buffers
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (current == null) {
            current = take();
            position = 0;
        }
        if (current.last()) {
            Streams.rethrow(current.failure());
            return -1;
        }
        int n = Math.min(length, current.length() - position);
        System.arraycopy(current.bytes(), position, target, offset, n);
        position += n;
        if (position == current.length()) {
            empty.add(current.bytes());
            current = null;
        }
        return n;
    }

    private Chunk take() throws IOException {
        try {
            return filled.take();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for " + thread.getName());
        }
    }

    @Override
    public void close() throws IOException {
        thread.interrupt();
        source.close();
    }

    /** The filter's output side: fills buffers and hands them over. */
    private final class Buffers extends OutputStream {
        private byte[] buffer;
        private int used;

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            int from = offset;
            int left = length;
            while (left > 0) {
                if (buffer == null) {
                    buffer = waiting(empty::take);
                    used = 0;
                }
                int n = Math.min(left, buffer.length - used);
                System.arraycopy(bytes, from, buffer, used, n);
                used += n;
                from += n;
                left -= n;
                if (used == buffer.length) {
                    handOver();
                }
            }
        }

        private void handOver() throws IOException {
            Chunk chunk = new Chunk(buffer, used, null);
            buffer = null;
            waiting(() -> {
                filled.put(chunk);
                return null;
            });
        }

        @Override
        public void close() throws IOException {
            if (buffer != null && used > 0) {
                handOver();
            }
        }

        private <T> T waiting(InterruptibleCall<T> call) throws IOException {
            try {
                return call.call();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("closed by the reader");
            }
        }
    }

    @FunctionalInterface
    private interface InterruptibleCall<T> {
        T call() throws InterruptedException;
    }
}
