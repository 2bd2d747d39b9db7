package io.bactrian.postgres;

import java.util.Map;

/**
 * Where recovery is to stop: {@code recovery_target_time} or {@code recovery_target_lsn} (PostgreSQL manual §20.5.6). A server
 * that has such a target and does not reach it refuses to open.
 *
 * @param setting the name of the one
 * @param value as the setting takes it; inclusive
 * @param timeline to follow
 */
public record ReplayTarget(String setting, String value, int timeline) {
    /** @param action once it is reached: {@code promote} or {@code shutdown} */
    Map<String, String> settings(String action) {
        return Map.of(
                setting,
                value,
                "recovery_target_inclusive",
                "on",
                "recovery_target_timeline",
                String.valueOf(timeline),
                "recovery_target_action",
                action,
                // all that is needed lies in pg_wal already; nothing may be asked of anybody else
                "restore_command",
                "false");
    }
}
