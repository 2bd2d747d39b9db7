package io.bactrian.repository;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;

/**
 * What a store has to keep.
 *
 * @param window the recovery window: every moment in it that can be recovered stays recoverable, and every full in it stays
 * @param minFull the newest restorable fulls of each database that stay whatever their age; at least one
 * @param daily of how many further days, those with a full in it, the newest full stays; likewise {@code weekly} (ISO weeks) and
 *     {@code monthly}
 * @param zone whose calendar tells days, weeks and months apart
 */
public record RetentionPolicy(Duration window, int minFull, int daily, int weekly, int monthly, ZoneId zone) {
    public Instant windowStart(Instant now) {
        return now.minus(window);
    }

    /** For people. */
    String windowText() {
        return window.toDays() + " days";
    }
}
