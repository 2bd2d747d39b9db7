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
        assertThat(at(NOW).put(FAILURE, "here", SLACK)).isTrue();
        assertThat(at(NOW.plus(DAY).minusSeconds(1)).put(FAILURE, "here", SLACK))
                .isFalse();
        assertThat(at(NOW.plus(DAY)).put(FAILURE, "here", SLACK)).isTrue();

        assertThat(at(NOW.plus(DAY)).due())
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
    void a_recovery_is_told_once_and_ends_what_was_known() {
        at(NOW).put(FAILURE, "here", SLACK);

        assertThat(at(NOW).recovered("full of other", "it succeeded")).isNull();
        assertThat(at(NOW).recovered("full of shop", "it succeeded").since()).isEqualTo(NOW);
        assertThat(at(NOW).recovered("full of shop", "it succeeded")).isNull();
        assertThat(at(NOW.plusSeconds(1)).put(FAILURE, "here", SLACK)).isTrue();
    }

    @Test
    void trouble_that_no_channel_could_tell_is_told_by_the_first_one() {
        assertThat(at(NOW).put(FAILURE, "here", List.of())).isFalse();
        assertThat(at(NOW.plusSeconds(1)).put(FAILURE, "here", SLACK)).isTrue();
    }

    @Test
    void where_nothing_can_be_noted_it_is_told_all_the_same() throws IOException {
        Files.createDirectories(folder.resolve(".outbox/troubles.json.unfinished/blocked"));
        assertThat(at(NOW).put(FAILURE, "here", SLACK)).isTrue();
        assertThat(at(NOW).due()).hasSize(1);
    }

    @Test
    void where_nothing_can_be_stored_it_is_sent_from_memory() throws IOException {
        Files.createFile(folder.resolve(".outbox")); // where the folder should be
        Outbox outbox = at(NOW);
        assertThat(outbox.put(FAILURE, "here", SLACK)).isTrue();
        assertThat(outbox.begin()).isNull();
        assertThat(outbox.onlyHere()).hasSize(1);
    }
}
