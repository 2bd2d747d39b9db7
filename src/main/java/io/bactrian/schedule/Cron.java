package io.bactrian.schedule;

import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.Optional;

/**
 * When something is due: five fields of cron, read in a time zone.
 *
 * <p>Where the clock changes, the rule is that of cron(8) on Debian. What is due at certain hours happens once: what the change
 * in spring passes over is due at the moment of the change, and what falls into the hour that autumn repeats is due in its first
 * pass. What is due in every hour follows the hours as they pass, the repeated one too.
 */
public final class Cron {
    private static final CronParser PARSER = new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX));
    /** A 29 February is at most eight years from the one before. */
    private static final int YEARS_AHEAD = 9;

    private static final int HOURS = 1;

    private final String text;
    private final ExecutionTime local;
    private final boolean everyHour;

    private Cron(String text, ExecutionTime local, boolean everyHour) {
        this.text = text;
        this.local = local;
        this.everyHour = everyHour;
    }

    /** @throws IllegalArgumentException saying what is wrong, also of a day that never comes */
    public static Cron parse(String text) {
        String[] fields = text.strip().split("\\s+");
        ExecutionTime local = ExecutionTime.forCron(PARSER.parse(text.strip()).validate());
        boolean everyHour = fields.length > HOURS && (fields[HOURS].equals("*") || fields[HOURS].equals("*/1"));
        Cron cron = new Cron(String.join(" ", fields), local, everyHour);
        if (cron.next(Instant.EPOCH, ZoneOffset.UTC).isEmpty()) {
            throw new IllegalArgumentException("such a day never comes");
        }
        return cron;
    }

    /** The first moment after this one at which it is due. */
    public Optional<Instant> next(Instant after, ZoneId zone) {
        ZoneRules rules = zone.getRules();
        Instant end = after.atZone(ZoneOffset.UTC).plusYears(YEARS_AHEAD).toInstant();
        Instant reached = after;
        LocalDateTime from = beginning(after, rules);
        while (reached.isBefore(end)) {
            ZoneOffset offset = rules.getOffset(reached);
            ZoneOffsetTransition change = rules.nextTransition(reached);
            Optional<LocalDateTime> found = nextLocal(from);
            if (change == null
                    || found.filter(at -> at.isBefore(change.getDateTimeBefore()))
                            .isPresent()) {
                return found.map(at -> at.toInstant(offset));
            }
            if (change.isGap() && !everyHour && isDueBetween(change)) {
                return Optional.of(change.getInstant());
            }
            reached = change.getInstant();
            from = afterwards(change).minusNanos(1);
        }
        return Optional.empty();
    }

    private LocalDateTime beginning(Instant after, ZoneRules rules) {
        LocalDateTime wall = LocalDateTime.ofInstant(after, rules.getOffset(after));
        return Optional.ofNullable(rules.previousTransition(after.plusNanos(1)))
                .map(change -> afterwards(change).minusNanos(1))
                .filter(wall::isBefore)
                .orElse(wall);
    }

    /** From what the clock on the wall shows something is due after the change: the hour that autumn repeats has been counted. */
    private LocalDateTime afterwards(ZoneOffsetTransition change) {
        return everyHour || change.isGap() ? change.getDateTimeAfter() : change.getDateTimeBefore();
    }

    private boolean isDueBetween(ZoneOffsetTransition gap) {
        return nextLocal(gap.getDateTimeBefore().minusNanos(1))
                .filter(at -> at.isBefore(gap.getDateTimeAfter()))
                .isPresent();
    }

    /** As a clock on the wall would show it that is never set. */
    private Optional<LocalDateTime> nextLocal(LocalDateTime after) {
        return local.nextExecution(after.atZone(ZoneOffset.UTC)).map(ZonedDateTime::toLocalDateTime);
    }

    @Override
    public String toString() {
        return text;
    }
}
