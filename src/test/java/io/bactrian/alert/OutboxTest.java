package io.bactrian.alert;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutboxTest {
    private static final Instant NOW = Instant.parse("2025-03-30T01:00:00Z");
    private static final Duration DAY = Duration.ofDays(1);
    private static final List<String> SLACK = List.of("slack");
    private static final Alert FAILURE = Alert.failure("full of shop", "no server", "Start it.");

    @TempDir
    private Path folder;

    private Outbox at(Instant moment) {
        return new Outbox(folder, Clock.fixed(moment, ZoneOffset.UTC), DAY);
    }

    @Test
    void trouble_is_told_once_and_again_after_the_reminder_with_the_time_of_its_beginning() throws IOException {
        at(NOW).put(FAILURE, "here", SLACK);
        Instant reminder = NOW.plus(DAY);
        at(reminder.minusSeconds(1)).put(FAILURE, "here", SLACK);
        assertThat(at(reminder).due()).hasSize(1);
        at(reminder).put(FAILURE, "here", SLACK);

        assertThat(at(reminder).due())
                .hasSize(2)
                .allSatisfy(delivery ->
                        assertThat(delivery.letter().alert().since()).isEqualTo(NOW));
    }

    @Test
    void a_channel_that_failed_is_tried_again_after_pauses_that_grow() throws IOException {
        at(NOW).put(FAILURE, "here", SLACK);
        at(NOW).unsent(at(NOW).due().get(0), Duration.ZERO);
        assertThat(at(NOW.plusSeconds(59)).due()).isEmpty();

        Instant second = NOW.plusSeconds(60);
        at(second).unsent(at(second).due().get(0), Duration.ZERO);
        assertThat(at(second.plusSeconds(119)).due()).isEmpty();
        assertThat(at(second.plusSeconds(120)).due()).hasSize(1);
    }

    @Test
    void a_channel_that_asks_for_a_longer_pause_gets_it() throws IOException {
        at(NOW).put(FAILURE, "here", SLACK);
        at(NOW).unsent(at(NOW).due().get(0), Duration.ofMinutes(10));

        assertThat(at(NOW.plusSeconds(599)).due()).isEmpty();
        assertThat(at(NOW.plusSeconds(600)).due()).hasSize(1);
    }

    @Test
    void what_no_channel_took_for_a_week_is_given_up() throws IOException {
        at(NOW).put(FAILURE, "here", SLACK);
        assertThat(at(NOW.plus(Duration.ofDays(7))).due()).hasSize(1);

        assertThat(at(NOW.plus(Duration.ofDays(7)).plusSeconds(1)).due()).isEmpty();
        assertThat(at(NOW).isEmpty()).isTrue();
    }

    @Test
    void a_recovery_is_told_once_and_ends_what_was_known() throws IOException {
        at(NOW).put(FAILURE, "here", SLACK);

        assertThat(at(NOW).recovered("full of other", "it succeeded")).isNull();
        Alert recovery = at(NOW).recovered("full of shop", "it succeeded");
        assertThat(recovery.since()).isEqualTo(NOW);
        at(NOW).put(recovery, "here", SLACK);
        at(NOW).put(recovery, "here", SLACK);
        assertThat(at(NOW).due())
                .extracting(delivery -> delivery.letter().alert().event())
                .containsExactlyInAnyOrder(Event.FAILURE, Event.RECOVERY);
        assertThat(at(NOW).recovered("full of shop", "it succeeded")).isNull();
        at(NOW.plusSeconds(1)).put(FAILURE, "here", SLACK);
        assertThat(at(NOW.plusSeconds(1)).due()).hasSize(3);
    }

    @Test
    void a_recovery_that_a_kill_kept_from_being_told_is_told_after_the_next_success() {
        at(NOW).put(FAILURE, "here", SLACK);
        assertThat(at(NOW).recovered("full of shop", "it succeeded")).isNotNull(); // killed here
        assertThat(at(NOW).recovered("full of shop", "it succeeded")).isNotNull();
    }

    @Test
    void a_recovery_that_nobody_wants_to_hear_of_ends_the_trouble_all_the_same() throws IOException {
        at(NOW).put(FAILURE, "here", SLACK);
        at(NOW).put(at(NOW).recovered("full of shop", "it succeeded"), "here", List.of());
        assertThat(at(NOW).due()).hasSize(1);
        assertThat(at(NOW).recovered("full of shop", "it succeeded")).isNull();
    }

    @Test
    void trouble_that_no_channel_could_tell_is_told_by_the_first_one() throws IOException {
        at(NOW).put(FAILURE, "here", List.of());
        assertThat(at(NOW).isEmpty()).isTrue();
        at(NOW.plusSeconds(1)).put(FAILURE, "here", SLACK);
        assertThat(at(NOW.plusSeconds(1)).due()).hasSize(1);
    }

    @Test
    void more_than_anybody_reads_does_not_wait() throws IOException {
        for (int i = 0; i < 503; i++) {
            at(NOW.plusMillis(i)).put(Alert.success("full of shop", "the " + i + "th"), "here", SLACK);
        }
        Instant later = NOW.plusSeconds(1);
        at(later).due();
        assertThat(at(later).due())
                .hasSize(500)
                .extracting(delivery -> delivery.letter().alert().why())
                .startsWith("the 3th")
                .endsWith("the 502th");
    }

    @Test
    void where_nothing_can_be_noted_it_is_told_all_the_same() throws IOException {
        Files.createDirectories(folder.resolve(".outbox/troubles.json.unfinished/blocked"));
        at(NOW).put(FAILURE, "here", SLACK);
        assertThat(at(NOW).due()).hasSize(1);
    }

    @Test
    void where_nothing_can_be_stored_it_is_sent_from_memory() throws IOException {
        Files.createFile(folder.resolve(".outbox")); // where the folder should be
        Outbox outbox = at(NOW);
        outbox.put(FAILURE, "here", SLACK);
        assertThat(outbox.begin()).isNull();
        assertThat(outbox.onlyHere()).hasSize(1);
    }
}
