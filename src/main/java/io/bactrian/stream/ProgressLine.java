package io.bactrian.stream;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.Locale;
import java.util.function.LongSupplier;

/** Passes a stream on and shows on one line of a terminal how much has passed and how fast; the line goes with the stream. */
public final class ProgressLine extends FilterInputStream {
    private static final long MILLION = 1_000_000;
    private static final long EVERY_NANOS = 500 * MILLION;
    private static final double NANOS = 1e9;
    private static final double MEGABYTE = 1024.0 * 1024;
    private static final String CLEAR = "\r\033[K"; // ECMA-48 §8.3.41, erase in line

    private final String name;
    private final long total;
    private final PrintStream terminal;
    private final LongSupplier nanoTime;
    private final long began;
    private long shown;
    private long bytes;

    /**
     * @param total bytes that are expected, 0 if that is not known
     * @param nanoTime as {@link System#nanoTime}
     */
    public ProgressLine(InputStream source, String name, long total, PrintStream terminal, LongSupplier nanoTime) {
        super(source);
        this.name = name;
        this.total = total;
        this.terminal = terminal;
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
                String.format(Locale.ROOT, "%s%s  %.0f MB  %.0f MB/s", CLEAR, name, bytes / MEGABYTE, rate / MEGABYTE));
        if (total > bytes) {
            line.append(String.format(
                    Locale.ROOT, "  %d %%  %d s left", 100 * bytes / total, Math.round((total - bytes) / rate)));
        }
        terminal.print(line);
        terminal.flush();
    }

    @Override
    public void close() throws IOException {
        if (shown != began) {
            terminal.print(CLEAR);
            terminal.flush();
        }
        super.close();
    }
}
