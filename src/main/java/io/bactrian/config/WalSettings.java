package io.bactrian.config;

import java.time.Duration;
import java.util.List;

/** BACKUP_WAL_…: how WAL is received. */
public final class WalSettings {
    private WalSettings() {}

    static void check(Settings settings) {
        Quantity.count(settings, Setting.BACKUP_WAL_RETRIES, 0);
        streaming(settings);
        patience(settings);
    }

    /** Whether the scheduler receives it all the time. */
    public static boolean streaming(Settings settings) {
        String streaming = settings.get(Setting.BACKUP_WAL_STREAMING);
        if (!List.of("true", "false").contains(streaming)) {
            throw settings.bad(Setting.BACKUP_WAL_STREAMING, "is neither true nor false", "One of true, false.");
        }
        return streaming.equals("true");
    }

    /** How long none may come before that is told. */
    public static Duration patience(Settings settings) {
        return Quantity.patience(settings.get(Setting.BACKUP_WAL_STREAMING_PATIENCE))
                .orElseThrow(() -> settings.bad(
                        Setting.BACKUP_WAL_STREAMING_PATIENCE, "is not a time", "For instance 30s or 5min."));
    }
}
