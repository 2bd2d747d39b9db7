package io.bactrian.stream;

import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStream;
import com.github.luben.zstd.ZstdOutputStream;
import io.bactrian.Failure;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipException;

/** How an artifact is compressed: its name in configuration and manifests, its file suffix, and both directions. */
public enum Compression {
    ZSTD("zstd", ".zst", "zstd -dc") {
        @Override
        public OutputStream compress(OutputStream next, int level) throws IOException {
            ZstdOutputStream out = new ZstdOutputStream(next, level).setChecksum(true);
            if (WORKERS > 1) {
                out.setWorkers(WORKERS).setJobSize(JOB_BYTES);
            }
            return level == TWO_TABLES ? out.setHashLog(LONG_TABLE).setChainLog(SHORT_TABLE) : out;
        }

        @Override
        InputStream open(InputStream compressed) throws IOException {
            return new ZstdInputStream(compressed).setContinuous(false);
        }
    },
    GZIP("gzip", ".gz", "gunzip -c") {
        @Override
        public OutputStream compress(OutputStream next, int level) throws IOException {
            return new GZIPOutputStream(next, Streams.BUFFER_BYTES) {
                {
                    def.setLevel(level);
                }
            };
        }

        @Override
        InputStream open(InputStream compressed) throws IOException {
            return new GzipMembers(compressed);
        }
    },
    NONE("none", "", "cat") {
        @Override
        public OutputStream compress(OutputStream next, int level) {
            return next;
        }

        @Override
        InputStream open(InputStream compressed) {
            return compressed;
        }
    };

    /** The zstd level whose matches come from two hash tables, of 512 and 256 KiB: more than a core's cache holds beside the data. */
    private static final int TWO_TABLES = 3;
    /** Binary logarithms of what fits: 128 and 32 KiB. A quarter of the CPU time less; a dump differs in size by some per cent, either way. */
    private static final int LONG_TABLE = 15;

    private static final int SHORT_TABLE = 13;

    /** Native threads of one zstd stream: a base comes faster than one core packs. Four of them are ahead of any pg_dump. */
    private static final int WORKERS = Math.min(Runtime.getRuntime().availableProcessors(), 4);
    /** What one of them packs at a time: with half of it a dump takes 4 % longer, with twice it takes as long, and 40 MB more memory. */
    private static final int JOB_BYTES = 4 * 1024 * 1024;

    private final String label;
    private final String suffix;
    private final String opener;

    Compression(String label, String suffix, String opener) {
        this.label = label;
        this.suffix = suffix;
        this.opener = opener;
    }

    /** @param level 1 (fast) to 9 (small) */
    public abstract OutputStream compress(OutputStream next, int level) throws IOException;

    abstract InputStream open(InputStream compressed) throws IOException;

    /** Damage and truncation end in {@link Failure} with exit code 4, never in a clean end of stream. */
    public InputStream decompress(InputStream compressed) throws IOException {
        return this == NONE ? compressed : new Decompressed(this, compressed);
    }

    public String label() {
        return label;
    }

    public String suffix() {
        return suffix;
    }

    /** The program, with its arguments, that decompresses standard input to standard output. */
    public String opener() {
        return opener;
    }

    public static Compression named(String label) {
        return Arrays.stream(values())
                .filter(c -> c.label.equals(label))
                .findFirst()
                .orElseThrow(() -> Failure.usage(
                        "\"" + label + "\" is not a compression",
                        "BACKUP_COMPRESSION is one of "
                                + Arrays.stream(values())
                                        .map(Compression::label)
                                        .collect(Collectors.joining(", "))));
    }

    /** What the first bytes say (RFC 8878 §3.1.1, RFC 1952 §2.3.1), whatever the name says. */
    public static Compression of(Peeked stream) {
        if (stream.startsWith(0x28, 0xb5, 0x2f, 0xfd)) {
            return ZSTD;
        }
        return stream.startsWith(0x1f, 0x8b, 0x08) ? GZIP : NONE;
    }

    /** Opens on first read, so that the header too is read in the reader's time and its errors reach the reader. */
    private static final class Decompressed extends InputStream {
        private final Compression compression;
        private final InputStream source;
        private InputStream plain;

        Decompressed(Compression compression, InputStream source) {
            this.compression = compression;
            this.source = source;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            try {
                if (plain == null) {
                    plain = compression.open(source);
                }
                int n = plain.read(target, offset, length);
                if (n < 0) {
                    Streams.drain(source); // an authenticated source proves itself at its very end
                }
                return n;
            } catch (EOFException | ZipException | ZstdIOException e) {
                throw Failure.integrity(
                        "the " + compression.label + " stream is damaged or cut short: " + e.getMessage(),
                        "This copy cannot be restored: restore another backup, and look at the disk it is on.");
            }
        }

        @Override
        public void close() throws IOException {
            try {
                if (plain != null) {
                    plain.close();
                }
            } finally {
                source.close();
            }
        }
    }
}
