package io.bactrian.alert;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;

/**
 * What people are told.
 *
 * @param subject what it is about, such as {@code full of shop}; one subject is in one kind of trouble at a time
 * @param why one sentence or more
 * @param hint what to do; null where there is nothing to do
 * @param since when the trouble began; null until it is raised
 * @param next when it is tried again by itself; null if it is not, or nobody knows
 * @param where host and repository; null until it is raised
 * @param raised when; null until it is
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Alert(
        Event event,
        String subject,
        String why,
        String hint,
        Instant since,
        Instant next,
        String where,
        Instant raised) {

    private static Alert of(Event event, String subject, String why, String hint) {
        return new Alert(event, subject, why, hint, null, null, null, null);
    }

    public static Alert failure(String subject, String why, String hint) {
        return of(Event.FAILURE, subject, why, hint);
    }

    public static Alert late(String subject, String why, String hint) {
        return of(Event.LATE, subject, why, hint);
    }

    public static Alert atRisk(String subject, String why, String hint) {
        return of(Event.AT_RISK, subject, why, hint);
    }

    public static Alert integrity(String subject, String why, String hint) {
        return of(Event.INTEGRITY, subject, why, hint);
    }

    public static Alert success(String subject, String what) {
        return of(Event.SUCCESS, subject, what, null);
    }

    public static Alert summary(String subject, String what) {
        return of(Event.SUMMARY, subject, what, null);
    }

    /** Of trouble that is over. */
    static Alert recovery(String subject, String what, Instant since) {
        return of(Event.RECOVERY, subject, what, null).since(since);
    }

    public Alert next(Instant attempt) {
        return new Alert(event, subject, why, hint, since, attempt, where, raised);
    }

    Alert since(Instant began) {
        return new Alert(event, subject, why, hint, began, next, where, raised);
    }

    Alert raised(String place, Instant now) {
        return new Alert(event, subject, why, hint, since == null ? now : since, next, place, now);
    }

    /** One line: a mail's subject, a notification. */
    public String headline() {
        return event.title() + ": " + subject;
    }
}
