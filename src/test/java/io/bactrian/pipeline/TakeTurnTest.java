package io.bactrian.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.Failure;
import io.bactrian.alert.Alert;
import io.bactrian.config.Settings;
import io.bactrian.repository.LocalStore;
import io.bactrian.schedule.Agenda;
import io.bactrian.schedule.Turn;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TakeTurnTest {
    private static final Instant MORNING = Instant.parse("2026-05-05T08:00:00Z");

    @TempDir
    private Path root;

    private final AtomicBoolean retired = new AtomicBoolean();
    private final Places places = new Places(1);
    private Instant now = MORNING;
    private Agenda agenda;
    private TakeTurn turn;

    @BeforeEach
    void a_scheduler() throws Exception {
        Files.createDirectories(root.resolve("full/full_2026-05-04T00-00-00-000Z"));
        stored("shop");
        start();
    }

    /** One full, by the name that its database has among several. */
    private void stored(String database) throws Exception {
        Files.writeString(
                root.resolve("full/full_2026-05-04T00-00-00-000Z/manifest.json"),
                "{\"id\":\"full_2026-05-04T00-00-00-000Z\",\"database\":\"" + database + "\"}");
    }

    private void start() throws Exception {
        Clock clock = new Clock() {
            @Override
            public Instant instant() {
                return now;
            }

            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return this;
            }
        };
        agenda = Agenda.open(root, "shop", now);
        Settings settings = Settings.read(
                root,
                Map.of("BACKUP_DIR", root.toString(), "BACKUP_TIMEZONE", "UTC", "DATABASE_URL", "postgresql:///shop"));
        turn = new TakeTurn(
                settings,
                new LocalStore(root, clock),
                new Unattended("test", agenda, places, Set.of("cleanup"), retired::get),
                clock);
    }

    private Exchange scheduled(String cron) {
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        exchange.setProperty("schedule", "full");
        exchange.setProperty("cron", cron);
        return exchange;
    }

    private boolean isDue() throws Exception {
        return turn.isDue(scheduled("0 2 * * *"));
    }

    private void run(Throwable failure) throws Exception {
        Exchange exchange = begun();
        if (failure == null) {
            turn.done(exchange);
        } else {
            exchange.setProperty(Exchange.EXCEPTION_CAUGHT, failure);
            turn.failed(exchange);
        }
    }

    private Exchange due() throws Exception {
        Exchange exchange = scheduled("0 2 * * *");
        assertThat(turn.isDue(exchange)).isTrue();
        return exchange;
    }

    private Exchange begun() throws Exception {
        Exchange exchange = due();
        assertThat(turn.begin(exchange)).isTrue();
        return exchange;
    }

    private void at(String time) {
        now = Instant.parse(time);
    }

    @Test
    void a_schedule_that_is_new_waits_for_its_time() throws Exception {
        assertThat(isDue()).isFalse();
        at("2026-05-06T01:59:59Z");
        assertThat(isDue()).isFalse();
        at("2026-05-06T02:00:00Z");
        assertThat(isDue()).isTrue();
    }

    @Test
    void a_full_where_there_is_none_at_all_is_due_at_once() throws Exception {
        Files.delete(root.resolve("full/full_2026-05-04T00-00-00-000Z/manifest.json"));
        assertThat(isDue()).isTrue();
    }

    @Test
    void a_full_of_a_database_that_came_to_a_repository_of_others_is_due_at_once() throws Exception {
        stored("other");
        assertThat(isDue()).isTrue();
    }

    @Test
    void what_was_missed_is_made_up_for_once() throws Exception {
        assertThat(isDue()).isFalse();
        at("2026-05-09T10:00:00Z");
        start();
        assertThat(isDue()).isTrue();
        run(null);
        assertThat(isDue()).isFalse();
        at("2026-05-10T02:00:00Z");
        assertThat(isDue()).isTrue();
    }

    @Test
    void a_run_that_begins_long_after_its_time_is_told_as_late_and_one_in_time_is_not() throws Exception {
        isDue();
        at("2026-05-06T02:01:00Z");
        Exchange inTime = begun();
        turn.done(inTime);
        assertThat(inTime.getProperty("missed")).isNull();
        at("2026-05-07T09:00:00Z");
        Exchange late = begun();
        assertThat(late.getProperty("missed", Alert.class).why()).contains("due at 2026-05-07T02:00:00Z");
    }

    @Test
    void a_run_that_is_at_work_is_not_begun_again() throws Exception {
        isDue();
        at("2026-05-06T02:00:00Z");
        begun();
        at("2026-05-07T02:00:00Z");
        assertThat(isDue()).isFalse();
    }

    @Test
    void a_failed_run_is_made_again_after_5_10_and_20_minutes_and_then_at_its_next_time() throws Exception {
        isDue();
        at("2026-05-06T02:00:00Z");
        for (int minutes : new int[] {5, 10, 20}) {
            run(Failure.precondition("the server is down", "Start it."));
            now = now.plus(Duration.ofMinutes(minutes)).minusSeconds(1);
            assertThat(isDue()).isFalse();
            now = now.plusSeconds(1);
            assertThat(isDue()).isTrue();
        }
        run(Failure.precondition("the server is down", "Start it."));
        assertThat(agenda.turn("full").map(Turn::failures)).contains(4);
        at("2026-05-07T01:59:00Z");
        assertThat(isDue()).isFalse();
        at("2026-05-07T02:00:00Z");
        assertThat(isDue()).isTrue();
        run(null);
        assertThat(agenda.turn("full").map(Turn::failures)).contains(0);
    }

    @Test
    void the_next_attempt_is_known_before_a_run_fails() throws Exception {
        isDue();
        at("2026-05-06T02:00:00Z");
        Exchange exchange = begun();
        assertThat(exchange.getProperty(TakeTurn.NEXT_ATTEMPT)).isEqualTo(Instant.parse("2026-05-06T02:05:00Z"));
    }

    @Test
    void a_run_that_was_stopped_with_the_scheduler_is_no_failure_and_is_made_up_for() throws Exception {
        isDue();
        at("2026-05-06T02:00:00Z");
        Exchange exchange = begun();
        places.stop();
        exchange.setProperty(Exchange.EXCEPTION_CAUGHT, Failure.precondition("pg_dump was killed", "Wait."));
        turn.failed(exchange);
        assertThat(agenda.turn("full").map(Turn::failures)).contains(0);
        assertThat(agenda.turn("full").map(Turn::retry)).contains(now);
        assertThat(isDue()).isFalse();
    }

    @Test
    void a_run_that_waited_for_its_place_does_not_begin_while_the_scheduler_stops() throws Exception {
        isDue();
        at("2026-05-06T02:00:00Z");
        Exchange exchange = due();
        places.stop();
        assertThat(turn.begin(exchange)).isFalse();
        assertThat(agenda.turn("full").map(Turn::isAtWork)).contains(false);
    }

    @Test
    void of_two_pipelines_that_find_it_due_while_one_takes_over_from_the_other_one_begins() throws Exception {
        isDue();
        at("2026-05-06T02:00:00Z");
        Exchange old = due();
        Exchange other = due();
        assertThat(turn.begin(other)).isTrue();
        turn.done(other);
        assertThat(turn.begin(old)).isFalse();
        at("2026-05-07T02:00:00Z");
        begun(); // it has kept no place
    }

    @Test
    void a_pipeline_that_was_taken_over_from_while_it_waited_leaves_the_run_to_the_next() throws Exception {
        isDue();
        at("2026-05-06T02:00:00Z");
        Exchange old = due();
        retired.set(true);
        assertThat(turn.begin(old)).isFalse();
        retired.set(false);
        begun();
    }

    @Test
    void a_clock_that_is_set_back_holds_nothing_up_longer_than_to_the_next_time() throws Exception {
        isDue();
        at("2027-01-01T00:00:00Z");
        run(null);
        at("2026-05-06T01:00:00Z");
        assertThat(isDue()).isFalse();
        at("2026-05-06T02:00:00Z");
        assertThat(isDue()).isTrue();
    }

    @Test
    void what_is_off_or_was_taken_over_is_never_due() throws Exception {
        isDue();
        at("2026-05-06T02:00:00Z");
        assertThat(turn.isDue(scheduled("off"))).isFalse();
        retired.set(true);
        assertThat(isDue()).isFalse();
    }

    @Test
    void what_another_database_of_the_cluster_does_is_never_due() throws Exception {
        Exchange exchange = scheduled("0 2 * * *");
        exchange.setProperty("schedule", "cleanup");
        turn.isDue(exchange);
        at("2026-05-06T02:00:00Z");
        assertThat(turn.isDue(exchange)).isFalse();
    }

    @Test
    void a_damaged_note_of_what_was_done_begins_anew() throws Exception {
        isDue();
        Path note = root.resolve(".scheduler/schedules-shop.json");
        Files.write(note, java.util.Arrays.copyOf(Files.readAllBytes(note), 20));
        start();
        assertThat(agenda.turn("full")).isEmpty();
        assertThat(isDue()).isFalse();
    }

    @Test
    void a_folder_that_cannot_be_written_stops_no_run() throws Exception {
        isDue();
        Path notes = root.resolve(".scheduler");
        Files.delete(notes.resolve("schedules-shop.json"));
        Files.delete(notes);
        Files.createFile(notes); // a file where the folder was: root may write everywhere else
        at("2026-05-06T02:00:00Z");
        assertThat(isDue()).isTrue();
        run(null);
        assertThat(isDue()).isFalse();
    }
}
