package io.bactrian.postgres;

import io.bactrian.Failure;

/** What JDBC sets in each session for itself, as a session of PostgreSQL's own programs has it: a CHECK may depend on it. */
public record SessionStyle(String timeZone, String dateStyle) {
    private static final int PARTS = 2;

    /** @param line of psql, {@code Europe/Oslo|ISO, DMY} */
    public static SessionStyle parse(String line) {
        String[] parts = line.strip().split("\\|", PARTS);
        if (parts.length < PARTS) {
            throw Failure.running(
                    "psql did not say which TimeZone and DateStyle a session has, but: " + line,
                    "See the step `load-style` in routes/load.camel.yaml.");
        }
        return new SessionStyle(parts[0], parts[1]);
    }
}
