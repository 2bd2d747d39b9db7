package io.bactrian.cli;

/** Durations for people. */
final class Durations {
    private static final long SECOND = 1000;
    private static final long MINUTE = 60;
    private static final long HOUR = 60;

    private Durations() {}

    /** {@code 850ms}, {@code 45s}, {@code 3m 20s}, {@code 2h 5m}. */
    static String text(long millis) {
        if (millis < SECOND) {
            return millis + "ms";
        }
        long seconds = Math.round(millis / (double) SECOND);
        if (seconds < MINUTE) {
            return seconds + "s";
        }
        long minutes = seconds / MINUTE;
        return minutes < HOUR ? minutes + "m " + seconds % MINUTE + "s" : minutes / HOUR + "h " + minutes % HOUR + "m";
    }
}
