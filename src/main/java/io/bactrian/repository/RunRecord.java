package io.bactrian.repository;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;

/**
 * One execution of a command.
 *
 * @param activity {@code full}, {@code test} or {@code restore}
 * @param backup what it made or read; null if it never came so far
 * @param level of a test
 * @param error what failed; null after a success
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RunRecord(
        String activity, Instant started, long durationMillis, BackupId backup, String level, String error) {
    public boolean succeeded() {
        return error == null;
    }
}
