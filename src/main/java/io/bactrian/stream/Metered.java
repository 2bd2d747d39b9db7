package io.bactrian.stream;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.LongConsumer;

/** Counts what passes; the listener hears the total after each read. */
public final class Metered extends FilterInputStream {
    private final LongConsumer listener;
    private volatile long bytes;

    public Metered(InputStream source) {
        this(source, total -> {});
    }

    public Metered(InputStream source, LongConsumer listener) {
        super(source);
        this.listener = listener;
    }

    public long bytes() {
        return bytes;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int n = in.read(target, offset, length);
        if (n > 0) {
            long total = bytes + n;
            bytes = total;
            listener.accept(total);
        }
        return n;
    }

    @Override
    public boolean markSupported() {
        return false;
    }
}
