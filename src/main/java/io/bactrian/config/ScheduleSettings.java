package io.bactrian.config;

import io.bactrian.Failure;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** BACKUP_SCHEDULE_…: what the scheduler does, and when. */
public final class ScheduleSettings {
    /** The kind of a setting whose name begins like this, in lower case, is that of the run. */
    private static final String PREFIX = "BACKUP_SCHEDULE_";

    private static final Duration FIRST_PAUSE = Duration.ofMinutes(5);
    private static final int LONGEST_DOUBLING = 10;

    private ScheduleSettings() {}

    static void check(Settings settings) {
        enabled(settings);
        retries(settings);
        parallel(settings);
    }

    public static boolean enabled(Settings settings) {
        String enabled = settings.get(Setting.BACKUP_SCHEDULER_ENABLED);
        if (!List.of("true", "false").contains(enabled)) {
            throw settings.bad(Setting.BACKUP_SCHEDULER_ENABLED, "is neither true nor false", "One of true, false.");
        }
        return enabled.equals("true");
    }

    /** The settings that hold a schedule each. */
    public static List<Setting> all() {
        return List.of(
                Setting.BACKUP_SCHEDULE_FULL,
                Setting.BACKUP_SCHEDULE_INCREMENTAL,
                Setting.BACKUP_SCHEDULE_CLEANUP,
                Setting.BACKUP_SCHEDULE_INTEGRITY,
                Setting.BACKUP_SCHEDULE_SUMMARY);
    }

    /** What a schedule runs: {@code full} for BACKUP_SCHEDULE_FULL. */
    public static String kind(Setting schedule) {
        return schedule.name().substring(PREFIX.length()).toLowerCase(Locale.ROOT);
    }

    /** The setting of a kind of run; null for one that a route file added. */
    public static Setting setting(String kind) {
        return Arrays.stream(Setting.values())
                .filter(setting -> setting.name().equals(PREFIX + kind.toUpperCase(Locale.ROOT)))
                .findFirst()
                .orElse(null);
    }

    public static int retries(Settings settings) {
        return Quantity.count(settings, Setting.BACKUP_SCHEDULE_RETRIES, 0);
    }

    public static int parallel(Settings settings) {
        return Quantity.count(settings, Setting.BACKUP_SCHEDULE_PARALLEL, 1);
    }

    /**
     * How long after a failure a run is made again.
     *
     * @param failures in a row, this one included
     */
    public static Duration pause(int failures) {
        return FIRST_PAUSE.multipliedBy(1L << Math.min(failures - 1, LONGEST_DOUBLING));
    }

    /** Where a value comes from, in a person's words. */
    public static String origin(Settings settings, Setting setting) {
        return settings.layers().origin(setting);
    }

    /** @param text of a schedule that settings or a route file gave */
    public static Failure bad(String kind, String text, String why) {
        Setting setting = setting(kind);
        return Failure.usage(
                (setting == null ? "the schedule " + kind : setting.name()) + ": \"" + text + "\" is not a schedule: "
                        + why,
                "Five fields of cron (minute, hour, day of month, month, day of week), such as \"30 2 * * *\"; or off.");
    }
}
