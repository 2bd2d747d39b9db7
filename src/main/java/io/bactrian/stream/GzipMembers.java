package io.bactrian.stream;

import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * All members of a gzip stream (RFC 1952 §2.2). Java's own reader takes the end of a member for the end of the stream when the
 * source does not say that more is available, and passes over what follows if that is no member; here both are seen.
 */
final class GzipMembers extends GZIPInputStream {
    private static final int TRAILER_BYTES = 8;

    GzipMembers(InputStream source) throws IOException {
        super(new Asked(source), Streams.BUFFER_BYTES);
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int n = super.read(target, offset, length);
        if (n < 0 && (inf.getRemaining() > TRAILER_BYTES || ((Asked) in).passedMore())) {
            throw new ZipException("something else follows the compressed data");
        }
        return n;
    }

    /** Looks before it says whether more is available, and knows whether more was taken since. */
    private static final class Asked extends PushbackInputStream {
        private boolean taken;

        Asked(InputStream source) {
            super(source, 1);
        }

        boolean passedMore() {
            return taken;
        }

        @Override
        public int available() throws IOException {
            int next = super.read();
            taken = false;
            if (next < 0) {
                return 0;
            }
            unread(next);
            return 1;
        }

        @Override
        public int read() throws IOException {
            int b = super.read();
            taken |= b >= 0;
            return b;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int n = super.read(target, offset, length);
            taken |= n > 0;
            return n;
        }
    }
}
