package io.bactrian.repository;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;

/**
 * How things stand, for people and programs.
 *
 * @param reasons why the health is not HEALTHY; empty if it is
 * @param totalBytes of all backups as stored
 * @param last the newest backup; null if there is none
 * @param unreadable those with a manifest that cannot be read
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Status(
        Health health,
        List<String> reasons,
        int totalBackups,
        long totalBytes,
        Entry last,
        List<Entry> backups,
        List<BackupId> unreadable) {

    /**
     * One backup.
     *
     * @param tested when it last passed an integrity test; null if never
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Entry(
            BackupId id, String database, Instant started, long bytes, long durationMillis, Instant tested) {}

    public Status {
        reasons = List.copyOf(reasons);
        backups = List.copyOf(backups);
        unreadable = List.copyOf(unreadable);
    }
}
