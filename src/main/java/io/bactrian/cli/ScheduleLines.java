package io.bactrian.cli;

import io.bactrian.config.ScheduleSettings;
import io.bactrian.config.Setting;
import io.bactrian.config.Settings;
import io.bactrian.pipeline.Scheduler;
import io.bactrian.schedule.Cron;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What `scheduler config` prints. */
final class ScheduleLines {
    private static final int TIMES_SHOWN = 3;
    private static final DateTimeFormatter LOCAL = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm xxx");

    private ScheduleLines() {}

    static List<String> of(Settings settings, Instant now) {
        List<String> lines = new ArrayList<>();
        if (!settings.name().isEmpty()) {
            lines.add("=== " + settings.name() + " ===");
        }
        for (Setting setting : List.of(
                Setting.BACKUP_SCHEDULER_ENABLED,
                Setting.BACKUP_TIMEZONE,
                Setting.BACKUP_SCHEDULE_RETRIES,
                Setting.BACKUP_SCHEDULE_PARALLEL)) {
            lines.add(line(settings, setting));
        }
        for (Setting setting : ScheduleSettings.all()) {
            lines.add("");
            lines.add(line(settings, setting));
            Optional<Cron> cron = Scheduler.cron(settings, setting);
            Instant moment = now;
            for (int i = 0; i < TIMES_SHOWN && cron.isPresent(); i++) {
                moment = cron.get().next(moment, settings.timezone()).orElseThrow();
                lines.add("  " + local(moment, settings.timezone()) + "  = " + moment);
            }
        }
        return lines;
    }

    private static String line(Settings settings, Setting setting) {
        return setting + " = " + settings.get(setting) + "  (" + ScheduleSettings.origin(settings, setting) + ")";
    }

    private static String local(Instant moment, ZoneId zone) {
        return LOCAL.format(moment.atZone(zone));
    }
}
