package io.bactrian.postgres;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A place in the write-ahead log, {@code 16/B374D848} (PostgreSQL manual §8.20).
 *
 * @param position bytes from the log's beginning; an unsigned 64-bit number
 */
public record Lsn(long position) implements Comparable<Lsn> {
    private static final Pattern SHAPE = Pattern.compile("([0-9A-Fa-f]{1,8})/([0-9A-Fa-f]{1,8})");

    @JsonCreator
    public static Lsn of(String text) {
        return parse(text).orElseThrow(() -> new IllegalArgumentException("not a WAL position"));
    }

    public static Optional<Lsn> parse(String text) {
        Matcher matcher = SHAPE.matcher(text);
        return matcher.matches()
                ? Optional.of(
                        new Lsn(Long.parseLong(matcher.group(1), 16) << 32 | Long.parseLong(matcher.group(2), 16)))
                : Optional.empty();
    }

    public Lsn plus(long bytes) {
        return new Lsn(position + bytes);
    }

    /** Bytes of log from another place to this one; negative if that one is later. */
    public long since(Lsn earlier) {
        return position - earlier.position;
    }

    public boolean isBefore(Lsn other) {
        return compareTo(other) < 0;
    }

    @Override
    public int compareTo(Lsn other) {
        return Long.compareUnsigned(position, other.position);
    }

    @JsonValue
    public String text() {
        return String.format(Locale.ROOT, "%X/%X", position >>> 32, position & 0xffffffffL);
    }

    @Override
    public String toString() {
        return text();
    }
}
