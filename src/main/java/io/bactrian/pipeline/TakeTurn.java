package io.bactrian.pipeline;

import io.bactrian.Failure;
import io.bactrian.alert.Alert;
import io.bactrian.config.ScheduleSettings;
import io.bactrian.config.Settings;
import io.bactrian.repository.LocalStore;
import io.bactrian.repository.Store;
import io.bactrian.schedule.Agenda;
import io.bactrian.schedule.Cron;
import io.bactrian.schedule.Turn;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * The {@code turn} step: whether a schedule is due, and how its run ended. The exchange property {@code schedule} has its name,
 * {@code cron} the five fields, or {@code off}.
 */
public final class TakeTurn {
    /** The exchange property with the schedule's name; where there is none, somebody typed a command. */
    public static final String SCHEDULE = "schedule";
    /** The exchange property with the moment at which it is tried again if it fails now. */
    public static final String NEXT_ATTEMPT = "nextAttempt";

    private static final Logger LOG = LoggerFactory.getLogger(TakeTurn.class);
    private static final String CRON = "cron";
    private static final String OFF = "off";
    /** The exchange property with the alert that a run begins late; without it, it does not. */
    private static final String MISSED = "missed";
    /** The exchange property with the turn that was found due. */
    private static final String SEEN = "seenTurn";

    private final Settings settings;
    private final LocalStore store;
    private final Unattended unattended;
    private final Clock clock;

    TakeTurn(Settings settings, LocalStore store, Unattended unattended, Clock clock) {
        this.settings = settings;
        this.store = store;
        this.unattended = unattended;
        this.clock = clock;
    }

    public boolean isDue(Exchange exchange) throws IOException {
        String schedule = schedule(exchange);
        Optional<Cron> cron = cron(schedule, exchange.getProperty(CRON, String.class));
        if (cron.isEmpty() || unattended.others().contains(schedule) || unattended.isOver()) {
            return false;
        }
        Instant now = now();
        Turn turn = agenda().turn(schedule).orElse(null);
        exchange.setProperty(SEEN, turn);
        if (turn == null || turn.covered().isAfter(now)) { // the first time, or the clock was set back
            agenda().change(schedule, none -> Turn.first(now));
            exchange.setProperty(SEEN, agenda().turn(schedule).orElseThrow());
            return turn == null && schedule.equals("full") && isNothingStored();
        }
        if (turn.isAtWork()) {
            return false;
        }
        boolean again = turn.retry() != null && !turn.retry().isAfter(now);
        return again
                || next(cron.get(), turn.covered())
                        .filter(at -> !at.isAfter(now))
                        .isPresent();
    }

    /** A database that has no backup at all does not wait for the night. */
    private boolean isNothingStored() throws IOException {
        Optional<String> name = DatabaseName.known(settings);
        return StoredFulls.newestFirst(store)
                .noneMatch(origin ->
                        name.filter(other -> !other.equals(origin.name())).isEmpty());
    }

    /** Waits for a place, and notes the run; false if meanwhile another pipeline has, or the scheduler is being stopped. */
    public boolean begin(Exchange exchange) throws InterruptedException, IOException {
        String schedule = schedule(exchange);
        unattended.places().take(schedule);
        boolean begun = false;
        try {
            Instant now = now();
            Turn seen = exchange.getProperty(SEEN, Turn.class);
            Alert missed = missed(exchange, now);
            Instant nextAttempt = nextAttempt(exchange, now);
            begun = !unattended.isOver() && agenda().replace(schedule, seen, seen.begin(now));
            exchange.setProperty(MISSED, missed);
            exchange.setProperty(NEXT_ATTEMPT, nextAttempt);
            stores(exchange);
            if (begun) {
                line(LOG.atInfo(), schedule).log("Scheduled {} begins", schedule);
            }
            return begun;
        } finally {
            if (!begun) {
                unattended.places().leave(schedule);
            }
        }
    }

    /** A failed run that is made again was told when it failed. */
    private Alert missed(Exchange exchange, Instant now) {
        String schedule = schedule(exchange);
        return agenda().turn(schedule)
                .filter(turn -> turn.failures() == 0 && turn.retry() == null)
                .flatMap(turn -> cron(schedule, exchange.getProperty(CRON, String.class))
                        .flatMap(cron -> next(cron, turn.covered())))
                .flatMap(due -> FindLate.missed(settings, schedule, due, now))
                .orElse(null);
    }

    /** Every store may be read. */
    public void stores(Exchange exchange) {
        List<Store> stores = new ArrayList<>(List.of(Store.LOCAL));
        stores.addAll(settings.furtherStores());
        exchange.setProperty(Sources.STORES, stores);
    }

    public void done(Exchange exchange) {
        String schedule = schedule(exchange);
        agenda().change(schedule, turn -> turn.succeed(now()));
        unattended.places().leave(schedule);
        line(LOG.atInfo(), schedule).log("Scheduled {} done", schedule);
    }

    /** The exchange carries the exception; whoever failed has told it already. */
    public void failed(Exchange exchange) {
        String schedule = schedule(exchange);
        Failure failure = Failures.of(exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class));
        Instant now = now();
        boolean stopping = unattended.places().isStopping();
        agenda().change(
                        schedule,
                        turn -> stopping
                                ? turn.stop(now)
                                : turn.fail(now, failure.getMessage(), retry(turn.failures() + 1, now)));
        unattended.places().leave(schedule);
        Turn turn = agenda().turn(schedule).orElseThrow();
        line(LOG.atWarn(), schedule)
                .log(
                        "Scheduled {} {}",
                        schedule,
                        stopping
                                ? "stopped with the scheduler; it is made up for at the next start"
                                : "failed" + (turn.retry() == null ? "" : "; it is made again at " + turn.retry()));
    }

    private LoggingEventBuilder line(LoggingEventBuilder line, String schedule) {
        String name = settings.name();
        LoggingEventBuilder named = line.addKeyValue(SCHEDULE, schedule);
        return name.isEmpty() ? named : named.addKeyValue("database", name);
    }

    private Instant retry(int failures, Instant now) {
        return failures > ScheduleSettings.retries(settings) ? null : now.plus(ScheduleSettings.pause(failures));
    }

    private Instant nextAttempt(Exchange exchange, Instant now) {
        String schedule = schedule(exchange);
        int failures = agenda().turn(schedule).map(Turn::failures).orElse(0) + 1;
        Instant retry = retry(failures, now);
        return retry != null
                ? retry
                : cron(schedule, exchange.getProperty(CRON, String.class))
                        .flatMap(cron -> next(cron, now))
                        .orElse(null);
    }

    private Optional<Instant> next(Cron cron, Instant after) {
        return cron.next(after, settings.timezone());
    }

    /** Which backup an integrity test reads. */
    public Reading newest() {
        return Reading.of("latest", Reading.READ);
    }

    /** @return empty for {@code off} */
    static Optional<Cron> cron(String schedule, String text) {
        if (text == null || text.strip().equals(OFF)) {
            return Optional.empty();
        }
        try {
            return Optional.of(Cron.parse(text));
        } catch (IllegalArgumentException e) {
            throw ScheduleSettings.bad(schedule, text, e.getMessage());
        }
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }

    private Agenda agenda() {
        return unattended.agenda();
    }

    private static String schedule(Exchange exchange) {
        return exchange.getProperty(SCHEDULE, String.class);
    }
}
