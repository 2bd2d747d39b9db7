package io.bactrian.pipeline;

import java.util.Locale;

/** Sizes for people: two decimals, steps of 1024, as the system before showed them ({@code 156.78 MB}). */
public final class Sizes {
    private static final String[] UNITS = {"Bytes", "KB", "MB", "GB", "TB", "PB", "EB"};
    private static final int STEP = 1024;

    private Sizes() {}

    public static String text(long bytes) {
        double size = bytes;
        int unit = 0;
        while (size >= STEP && unit < UNITS.length - 1) {
            size /= STEP;
            unit++;
        }
        return unit == 0 ? bytes + " " + UNITS[0] : String.format(Locale.ROOT, "%.2f %s", size, UNITS[unit]);
    }
}
