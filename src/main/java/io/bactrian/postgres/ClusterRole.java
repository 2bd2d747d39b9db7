package io.bactrian.postgres;

import static io.bactrian.postgres.OriginalConfiguration.line;

/** The settings that make a recovered cluster one that stands for itself, or a standby; they come last, and so hold. */
public record ClusterRole(boolean standby, String settings) {
    private static final String NOT_THE_ORIGINAL = """

            # ---- by bactrian: this is a copy, and must not reach for what belongs to the original ----
            # To use it in place of the original: ALTER SYSTEM RESET what you want back, and restart.
            archive_mode = 'off'
            max_logical_replication_workers = '0'
            synchronous_standby_names = ''
            recovery_target = ''
            recovery_target_time = ''
            recovery_target_lsn = ''
            recovery_target_xid = ''
            recovery_target_name = ''
            restore_command = ''
            archive_cleanup_command = ''
            recovery_end_command = ''
            """;

    /** One that stands for itself. */
    public static ClusterRole alone() {
        return new ClusterRole(false, NOT_THE_ORIGINAL + line("primary_conninfo", "") + line("primary_slot_name", ""));
    }

    /**
     * One that follows a primary.
     *
     * @param connection of libpq, without a password
     * @param slot on the primary
     */
    public static ClusterRole standby(String connection, String slot) {
        return new ClusterRole(
                true,
                NOT_THE_ORIGINAL
                        + line("recovery_target_timeline", "latest")
                        + line("primary_conninfo", connection)
                        + line("primary_slot_name", slot));
    }
}
