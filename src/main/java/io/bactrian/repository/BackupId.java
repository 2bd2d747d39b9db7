package io.bactrian.repository;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The name of a backup, {@code full_2025-01-01T02-00-00-000Z}: its kind ({@code full}, {@code base} or {@code incremental}) and
 * when it began, in UTC. Only text of exactly this
 * shape ever becomes an id, so an id is always safe as a file name.
 */
public record BackupId(@JsonValue String text) implements Comparable<BackupId> {
    private static final Pattern SHAPE =
            Pattern.compile("(?:full|base|incremental)_\\d{4}-\\d{2}-\\d{2}T\\d{2}-\\d{2}-\\d{2}-\\d{3}Z");
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH-mm-ss-SSS'Z'").withZone(ZoneOffset.UTC);

    public BackupId {
        if (!SHAPE.matcher(text).matches()) {
            throw new IllegalArgumentException("not a backup id");
        }
    }

    public static BackupId full(Instant began) {
        return new BackupId("full_" + TIME.format(began));
    }

    public static BackupId base(Instant began) {
        return new BackupId("base_" + TIME.format(began));
    }

    public static BackupId incremental(Instant began) {
        return new BackupId("incremental_" + TIME.format(began));
    }

    @JsonCreator
    static BackupId of(String text) {
        return new BackupId(text);
    }

    public static Optional<BackupId> parse(String text) {
        return SHAPE.matcher(text).matches() ? Optional.of(new BackupId(text)) : Optional.empty();
    }

    public String kind() {
        return text.substring(0, text.indexOf('_'));
    }

    public boolean isFull() {
        return kind().equals("full");
    }

    /** The order of time, and of the kind for two of the same instant. */
    @Override
    public int compareTo(BackupId other) {
        int byTime = time().compareTo(other.time());
        return byTime != 0 ? byTime : text.compareTo(other.text);
    }

    /** When the backup began, to the millisecond. */
    public Instant began() {
        return TIME.parse(time(), Instant::from);
    }

    private String time() {
        return text.substring(text.indexOf('_') + 1);
    }

    @Override
    public String toString() {
        return text;
    }
}
