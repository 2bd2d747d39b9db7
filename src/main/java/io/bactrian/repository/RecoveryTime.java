package io.bactrian.repository;

import io.bactrian.Failure;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The moment that somebody wants back.
 *
 * @param instant to the microsecond, as PostgreSQL's clock; null for the latest moment that there is
 * @param assumed the time zone that was assumed; null where the text had its own offset
 */
public record RecoveryTime(Instant instant, ZoneId assumed) {
    public static final RecoveryTime LATEST = new RecoveryTime(null, null);

    private static final Pattern SHAPE = Pattern.compile(
            "(\\d{4}-\\d{2}-\\d{2})[T ](\\d{2}:\\d{2}(?::\\d{2}(?:[.,]\\d{1,9})?)?)(?: ?(Z|UTC|GMT|[+-]\\d{2}(?::?\\d{2})?))?");

    /**
     * Reads {@code latest} or an ISO 8601 time; seconds, their fraction and the offset may be missing, and a space may stand for
     * the {@code T}. Finer fractions are cut to microseconds: what is committed by then is the same.
     *
     * @param zone of a time without an offset
     * @throws Failure with exit code 2 if it is no time, or not one time: clocks are set forward and back
     */
    public static RecoveryTime parse(String text, ZoneId zone) {
        String stripped = text.strip().toUpperCase(Locale.ROOT);
        if (stripped.equals("LATEST")) {
            return LATEST;
        }
        Matcher matcher = SHAPE.matcher(stripped);
        if (!matcher.matches()) {
            throw malformed(text);
        }
        try {
            LocalDateTime local = LocalDateTime.of(
                            LocalDate.parse(matcher.group(1)),
                            LocalTime.parse(matcher.group(2).replace(',', '.')))
                    .truncatedTo(ChronoUnit.MICROS);
            return matcher.group(3) == null
                    ? new RecoveryTime(local.toInstant(theOnly(local, zone)), zone)
                    : new RecoveryTime(local.toInstant(offset(matcher.group(3))), null);
        } catch (DateTimeException e) {
            throw malformed(text);
        }
    }

    private static ZoneOffset offset(String text) {
        return text.startsWith("+") || text.startsWith("-") ? ZoneOffset.of(text) : ZoneOffset.UTC;
    }

    private static ZoneOffset theOnly(LocalDateTime local, ZoneId zone) {
        List<ZoneOffset> valid = zone.getRules().getValidOffsets(local);
        if (valid.isEmpty()) {
            throw Failure.usage(
                    "there was no " + local + " in " + zone + ": the clocks were set forward over it",
                    "Give the time with its offset, for instance "
                            + local.atOffset(
                                    zone.getRules().getTransition(local).getOffsetBefore()) + ".");
        }
        if (valid.size() > 1) {
            throw Failure.usage(
                    "there was " + local + " twice in " + zone + ": the clocks were set back",
                    "Give the time with its offset: " + local.atOffset(valid.get(0)) + " was the first, "
                            + local.atOffset(valid.get(1)) + " the second.");
        }
        return valid.get(0);
    }

    private static Failure malformed(String text) {
        return Failure.usage(
                "\"" + text + "\" is not a time",
                "A time is written like 2025-01-01T14:30:00Z or 2025-01-01T15:30:00+01:00; `latest` is the newest there is.");
    }

    public boolean isLatest() {
        return instant == null;
    }

    /** With the assumed zone, if there is one, so that a person sees what was understood. */
    @Override
    public String toString() {
        if (isLatest()) {
            return "latest";
        }
        return assumed == null ? instant.toString() : instant + " (" + instant.atZone(assumed) + ")";
    }
}
