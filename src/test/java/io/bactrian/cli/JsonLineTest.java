package io.bactrian.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

/** What reads the log of the system before must be able to read this one. */
class JsonLineTest {
    private final Logger logger = new LoggerContext().getLogger("io.bactrian");

    @Test
    void a_line_has_level_message_timestamp_and_what_applies() {
        LoggingEvent event = event(Level.INFO, "Full backup completed successfully", null);
        event.setKeyValuePairs(List.of(
                new KeyValuePair("backupId", "full_2025-01-01T02-00-00-000Z"),
                new KeyValuePair("size", 164_395_745L),
                new KeyValuePair("duration", 45_000L),
                new KeyValuePair("path", "/srv/backups/full")));

        assertThat(new JsonLine().doLayout(event))
                .isEqualTo("{\"level\":\"info\",\"message\":\"Full backup completed successfully\","
                        + "\"timestamp\":\"2025-01-01T02:00:45.123Z\",\"backupId\":\"full_2025-01-01T02-00-00-000Z\","
                        + "\"size\":164395745,\"duration\":45000,\"path\":\"/srv/backups/full\"}\n");
    }

    @Test
    void a_time_on_the_full_second_keeps_its_milliseconds() {
        LoggingEvent event = event(Level.INFO, "x", null);
        event.setInstant(Instant.parse("2025-01-01T02:00:00Z"));

        assertThat(new JsonLine().doLayout(event)).contains("\"timestamp\":\"2025-01-01T02:00:00.000Z\"");
    }

    @Test
    void it_stays_one_line_of_valid_json_whatever_is_said() throws IOException {
        String nasty = "line\nbreak \"quoted\" \\ \u0000 \u2028 {} æøå 🐫";
        String line = new JsonLine().doLayout(event(Level.ERROR, nasty, new IllegalStateException("a\nb")));

        assertThat(line.strip()).doesNotContain("\n", "\r");
        JsonNode parsed = new ObjectMapper().readTree(line);
        assertThat(parsed.get("level").asText()).isEqualTo("error");
        assertThat(parsed.get("message").asText()).isEqualTo(nasty);
        assertThat(parsed.get("exception").asText()).contains("IllegalStateException: a\nb");
    }

    private LoggingEvent event(Level level, String message, Throwable thrown) {
        LoggingEvent event = new LoggingEvent("test", logger, level, message, thrown, null);
        event.setInstant(Instant.parse("2025-01-01T02:00:45.123456Z"));
        return event;
    }
}
