package io.bactrian.cli;

import io.bactrian.pipeline.Timetable;
import io.bactrian.schedule.Turn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** {@link Timetable}s for people. */
final class TimetableLines {
    private TimetableLines() {}

    static List<String> of(List<Timetable> timetables) {
        List<String> lines = new ArrayList<>();
        Timetable any = timetables.get(0);
        lines.add(
                any.running() == null
                        ? "Scheduler: not running"
                        : "Scheduler: running since " + any.running() + " (process " + any.process() + ")");
        for (Timetable timetable : timetables) {
            String of = timetable.database() == null ? "" : timetable.database() + ": ";
            timetable.schedules().forEach((schedule, entry) -> add(lines, of + schedule, entry));
        }
        return lines;
    }

    private static void add(List<String> lines, String schedule, Timetable.Entry entry) {
        lines.add("");
        lines.add(schedule + (entry.cron() == null ? "" : "  " + entry.cron()));
        if (entry.atWork() != null) {
            lines.add("  now:  since " + entry.atWork()
                    + (entry.progress() == null || entry.progress().isEmpty() ? "" : ", " + entry.progress()));
        } else {
            lines.add("  last: " + last(entry.last()));
        }
        lines.add("  next: " + (entry.next() == null ? "never" : entry.next()));
    }

    private static String last(Turn turn) {
        if (turn == null) {
            return "never";
        }
        if (turn.ended() == null) {
            return turn.started() + ", cut off";
        }
        String took =
                Durations.text(Duration.between(turn.started(), turn.ended()).toMillis());
        return turn.started() + ", "
                + (turn.error() == null ? "done in " + took : "failed after " + took + ": " + turn.error());
    }
}
