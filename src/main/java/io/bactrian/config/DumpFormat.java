package io.bactrian.config;

import io.bactrian.Failure;
import java.util.Arrays;

/** The format of a dump, as {@code pg_dump --format} names it. */
public enum DumpFormat {
    CUSTOM("custom", ".dump"),
    PLAIN("plain", ".sql");

    private final String label;
    private final String suffix;

    DumpFormat(String label, String suffix) {
        this.label = label;
        this.suffix = suffix;
    }

    public String label() {
        return label;
    }

    public String suffix() {
        return suffix;
    }

    public static DumpFormat named(String label) {
        return Arrays.stream(values())
                .filter(f -> f.label.equals(label))
                .findFirst()
                .orElseThrow(() ->
                        Failure.usage("\"" + label + "\" is not a dump format", "BACKUP_FORMAT is custom or plain."));
    }
}
