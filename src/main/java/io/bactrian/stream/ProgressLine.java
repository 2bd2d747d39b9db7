package io.bactrian.stream;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Passes a stream on and shows in one line how much has passed and how fast; the line goes with the stream. */
public final class ProgressLine extends FilterInputStream {
    private static final long MILLION = 1_000_000;
    private static final long EVERY_NANOS = 500 * MILLION;
    private static final double NANOS = 1e9;
    private static final double MEGABYTE = 1024.0 * 1024;

    private final String name;
    private final long total;
    private final Consumer<String> display;
    private final LongSupplier nanoTime;
    private final long began;
    private long shown;
    private long bytes;

    /**
     * @param total bytes that are expected, 0 if that is not known
     * @param display takes each new line in place of the one before, an empty one at the end
     * @param nanoTime as {@link System#nanoTime}
     */
    public ProgressLine(InputStream source, String name, long total, Consumer<String> display, LongSupplier nanoTime) {
        super(source);
        this.name = name;
        this.total = total;
        this.display = display;
        this.nanoTime = nanoTime;
        this.began = nanoTime.getAsLong();
        this.shown = began;
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
            bytes += n;
            showSometimes();
        }
        return n;
    }

    private void showSometimes() {
        long now = nanoTime.getAsLong();
        if (now - shown < EVERY_NANOS) {
            return;
        }
        shown = now;
        double seconds = (now - began) / NANOS;
        double rate = bytes / seconds;
        StringBuilder line = new StringBuilder(
                String.format(Locale.ROOT, "%s  %.0f MB  %.0f MB/s", name, bytes / MEGABYTE, rate / MEGABYTE));
        if (total > bytes) {
            line.append(String.format(
                    Locale.ROOT, "  %d %%  %d s left", 100 * bytes / total, Math.round((total - bytes) / rate)));
        }
        display.accept(line.toString());
    }

    @Override
    public void close() throws IOException {
        if (shown != began) {
            display.accept("");
        }
        super.close();
    }
}
