package io.bactrian.pipeline;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.bactrian.config.ScheduleSettings;
import io.bactrian.config.Setting;
import io.bactrian.config.Settings;
import io.bactrian.schedule.Agenda;
import io.bactrian.schedule.Cron;
import io.bactrian.schedule.Turn;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a scheduler does for one database, as seen from outside.
 *
 * @param database its name among several; null where there is one
 * @param running since when; null if it does not run
 * @param process its number; null if it does not run
 * @param schedules by name
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Timetable(String database, Instant running, Long process, Map<String, Entry> schedules) {
    /**
     * One schedule.
     *
     * @param cron five fields, {@code off}, or null for one that a route file adds
     * @param last the newest run; null if there was none
     * @param atWork since when a run is at work; null if none is
     * @param progress how far that is; null if it has not said
     * @param next when it is due, or a failed run made again; null if not known, or never
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Entry(String cron, Turn last, Instant atWork, String progress, Instant next) {}

    public static Timetable read(Settings settings, Clock clock) throws IOException {
        boolean runs = Scheduler.isRunning(settings);
        String name = settings.name();
        Optional<Agenda.Page> page = Agenda.read(settings.directory(), name);
        Map<String, Turn> turns = page.map(Agenda.Page::turns).orElse(Map.of());
        Set<String> names = new LinkedHashSet<>();
        ScheduleSettings.all().forEach(setting -> names.add(ScheduleSettings.kind(setting)));
        names.addAll(turns.keySet());
        Map<String, Entry> schedules = new TreeMap<>();
        for (String schedule : names) {
            Turn turn = turns.get(schedule);
            boolean atWork = runs && turn != null && turn.isAtWork();
            Setting setting = ScheduleSettings.setting(schedule);
            String cron = setting == null ? null : settings.get(setting);
            schedules.put(
                    schedule,
                    new Entry(
                            cron,
                            turn == null || turn.started() == null ? null : turn,
                            atWork ? turn.started() : null,
                            atWork
                                    ? Agenda.progress(settings.directory(), name, schedule)
                                            .orElse(null)
                                    : null,
                            next(settings, schedule, cron, turn, clock.instant())));
        }
        return new Timetable(
                name.isEmpty() ? null : name,
                runs ? page.map(Agenda.Page::started).orElse(null) : null,
                runs ? page.map(Agenda.Page::process).orElse(null) : null,
                schedules);
    }

    private static Instant next(Settings settings, String schedule, String text, Turn turn, Instant now) {
        Optional<Cron> cron = TakeTurn.cron(schedule, text);
        Instant due = cron.flatMap(known -> known.next(turn == null ? now : turn.covered(), settings.timezone()))
                .orElse(null);
        Instant again = turn == null ? null : turn.retry();
        return again != null && (due == null || again.isBefore(due)) ? again : due;
    }
}
