package io.bactrian.pipeline;

import io.bactrian.alert.Alert;
import io.bactrian.config.ScheduleSettings;
import io.bactrian.config.Setting;
import io.bactrian.config.Settings;
import io.bactrian.repository.Status;
import io.bactrian.schedule.Turn;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.Exchange;

/** The {@code late} step: what should have happened by now and has not, whatever the reason is. */
public final class FindLate {
    private static final Duration GRACE = Duration.ofMinutes(30);
    private static final String HINT = "`bactrian scheduler status` and the log show what keeps it.";

    private final Settings settings;
    private final Unattended unattended;
    private final Clock clock;

    FindLate(Settings settings, Unattended unattended, Clock clock) {
        this.settings = settings;
        this.unattended = unattended;
        this.clock = clock;
    }

    /** The body is the status. */
    public List<Alert> find(Exchange exchange) {
        Status status = exchange.getMessage().getBody(Status.class);
        Instant now = clock.instant();
        List<Alert> late = new ArrayList<>();
        fullIsLate(status, now).ifPresent(why -> late.add(late("full", why)));
        walIsLate(status).ifPresent(why -> late.add(late("incremental", why)));
        for (Setting schedule : ScheduleSettings.all()) {
            String kind = ScheduleSettings.kind(schedule);
            notBegun(schedule, kind, now).ifPresent(why -> late.add(late(kind, why)));
        }
        return late;
    }

    private Alert late(String activity, String why) {
        return Alert.late(Alerts.subject(settings, activity), why, HINT);
    }

    private Optional<String> fullIsLate(Status status, Instant now) {
        if (isOff(Setting.BACKUP_SCHEDULE_FULL)) {
            return Optional.empty();
        }
        Optional<Instant> newest = status.databases().stream()
                .map(Status.DatabaseEntry::started)
                .filter(started -> started != null)
                .findFirst()
                .or(() -> status.backups().stream()
                        .filter(backup -> backup.id().isFull())
                        .map(Status.Entry::started)
                        .reduce((earlier, later) -> later));
        if (newest.isEmpty()) {
            boolean young = unattended.agenda().page().started().plus(GRACE).isAfter(now);
            return young ? Optional.empty() : Optional.of("there is no full backup");
        }
        return newest.filter(started -> started.plus(settings.maxAge()).isBefore(now))
                .map(started -> "the newest full backup is of " + started + ", more than "
                        + settings.maxAge().toHours() + " hours ago");
    }

    private Optional<String> walIsLate(Status status) {
        if (isOff(Setting.BACKUP_SCHEDULE_INCREMENTAL) || unattended.others().contains("incremental")) {
            return Optional.empty();
        }
        return status.chains().stream()
                .filter(chain -> chain.rpoSeconds() != null
                        && chain.rpoSeconds() > settings.maxWalAge().toSeconds())
                .map(chain -> "the newest WAL that is stored is of " + chain.storedUntil() + ", more than "
                        + settings.maxWalAge().toHours() + " hours ago: so much would be lost with the server")
                .findFirst();
    }

    /** A lock, a place among many databases, or a clock that was set may keep a run from beginning. */
    private Optional<String> notBegun(Setting schedule, String kind, Instant now) {
        Map<String, Turn> turns = unattended.agenda().page().turns();
        Turn turn = turns.get(kind);
        if (turn == null || turn.isAtWork() || unattended.others().contains(kind)) {
            return Optional.empty();
        }
        return Scheduler.cron(settings, schedule)
                .flatMap(cron -> cron.next(turn.covered(), settings.timezone()))
                .filter(due -> due.plus(GRACE).isBefore(now))
                .map(due -> "it was due at " + due + " and has not begun");
    }

    /** Of a run that begins now: it was due a good while ago. */
    static Optional<Alert> missed(Settings settings, String schedule, Instant due, Instant now) {
        return due == null || due.plus(GRACE).isAfter(now)
                ? Optional.empty()
                : Optional.of(Alert.late(
                        Alerts.subject(settings, schedule),
                        "it was due at " + due + " and begins only now",
                        "The scheduler did not run then, or something kept it; the log tells which."));
    }

    private boolean isOff(Setting schedule) {
        return Scheduler.cron(settings, schedule).isEmpty();
    }
}
