package io.bactrian.repository;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One execution of a command.
 *
 * @param activity {@code full}, {@code test} or {@code restore}
 * @param backup what it made or read; null if it never came so far
 * @param level of a test
 * @param error what failed; null after a success
 * @param database the name of its database among several; null where there is one
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RunRecord(
        String activity,
        Instant started,
        long durationMillis,
        BackupId backup,
        String level,
        String error,
        String database) {

    public RunRecord(
            String activity, Instant started, long durationMillis, BackupId backup, String level, String error) {
        this(activity, started, durationMillis, backup, level, error, null);
    }

    RunRecord of(String name) {
        return new RunRecord(activity, started, durationMillis, backup, level, error, name);
    }

    public boolean succeeded() {
        return error == null;
    }

    /**
     * The backups whose last integrity test failed.
     *
     * @param history oldest first
     */
    public static Set<BackupId> lastTestFailed(List<RunRecord> history) {
        Tests tests = new Tests(history);
        return history.stream()
                .map(RunRecord::backup)
                .filter(id -> id != null && tests.lastFailed(id))
                .collect(Collectors.toSet());
    }
}
