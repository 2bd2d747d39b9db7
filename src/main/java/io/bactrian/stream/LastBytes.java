package io.bactrian.stream;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** Reads a stream to its end and keeps the last bytes. */
public final class LastBytes {
    private LastBytes() {}

    public static byte[] of(InputStream in, int kept) throws IOException {
        byte[] tail = new byte[0];
        byte[] buffer = new byte[Streams.BUFFER_BYTES];
        for (int n; (n = in.read(buffer)) >= 0; ) {
            byte[] joined = Arrays.copyOf(tail, tail.length + n);
            System.arraycopy(buffer, 0, joined, tail.length, n);
            tail = joined.length > kept ? Arrays.copyOfRange(joined, joined.length - kept, joined.length) : joined;
        }
        return tail;
    }
}
