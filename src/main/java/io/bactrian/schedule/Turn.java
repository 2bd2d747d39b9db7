package io.bactrian.schedule;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;

/**
 * How far one schedule has come.
 *
 * @param covered all that was due up to here has been taken care of
 * @param started of the newest run; null before the first
 * @param ended of the newest run; null while it is at work, or if it was cut off
 * @param error of the newest run; null if it succeeded
 * @param failures how many runs in a row have failed
 * @param retry when it is made again although nothing new is due; null for not at all
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Turn(Instant covered, Instant started, Instant ended, String error, int failures, Instant retry) {
    /** Of a schedule that is seen for the first time: what was due before does not count. */
    public static Turn first(Instant now) {
        return new Turn(now, null, null, null, 0, null);
    }

    /** One run now, however many were missed. */
    public Turn begin(Instant now) {
        return new Turn(now, now, null, null, failures, null);
    }

    public Turn succeed(Instant now) {
        return new Turn(covered, started, now, null, 0, null);
    }

    /** @param again when it is tried again; null for the next time it is due */
    public Turn fail(Instant now, String what, Instant again) {
        return new Turn(covered, started, now, what, failures + 1, again);
    }

    /** Ended by us, not by a fault: it is made up for as soon as there is somebody to do it. */
    public Turn stop(Instant now) {
        return new Turn(covered, started, now, "stopped with the scheduler", failures, now);
    }

    @JsonIgnore
    public boolean isAtWork() {
        return started != null && ended == null;
    }
}
