package io.bactrian.stream;

import java.io.IOException;
import java.io.InputStream;

/** Small moves that every stream here needs. */
public final class Streams {
    public static final int BUFFER_BYTES = 64 * 1024;

    private Streams() {}

    /** Throws {@code failure} as what it is; does nothing for null. */
    public static void rethrow(Throwable failure) throws IOException {
        if (failure instanceof IOException e) {
            throw e;
        }
        if (failure instanceof RuntimeException e) {
            throw e;
        }
        if (failure instanceof Error e) {
            throw e;
        }
        if (failure != null) {
            throw new IOException(failure);
        }
    }

    /** Reads to the end, so that everything that is checked at the end gets checked. Returns the bytes read. */
    public static long drain(InputStream in) throws IOException {
        byte[] buffer = new byte[BUFFER_BYTES];
        long total = 0;
        for (int n; (n = in.read(buffer)) >= 0; ) {
            total += n;
        }
        return total;
    }
}
