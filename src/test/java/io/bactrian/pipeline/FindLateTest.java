package io.bactrian.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.alert.Alert;
import io.bactrian.alert.Event;
import io.bactrian.config.Settings;
import io.bactrian.repository.BackupId;
import io.bactrian.repository.Health;
import io.bactrian.repository.Status;
import io.bactrian.schedule.Agenda;
import io.bactrian.schedule.Turn;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FindLateTest {
    private static final Instant NOW = Instant.parse("2026-05-05T12:00:00Z");

    @TempDir
    private Path root;

    private final Map<String, String> environment = new HashMap<>();
    private Agenda agenda;

    @BeforeEach
    void every_schedule_is_up_to_date() throws Exception {
        environment.putAll(Map.of(
                "BACKUP_DIR", root.toString(), "BACKUP_TIMEZONE", "UTC", "DATABASE_URL", "postgresql://x@h/shop"));
        agenda = Agenda.open(root, "", NOW.minus(Duration.ofDays(3)));
        List.of("full", "incremental", "cleanup", "integrity", "summary")
                .forEach(schedule -> agenda.change(schedule, none -> Turn.first(NOW.minusSeconds(60))));
    }

    private List<Alert> late(Instant full, Long rpoSeconds) {
        List<Status.Entry> backups = full == null
                ? List.of()
                : List.of(new Status.Entry(BackupId.full(full), "shop", full, 1, 1, null, null));
        List<Status.ChainEntry> chains = List.of(new Status.ChainEntry(
                BackupId.full(NOW), "1", List.of(), List.of(), 1, 1, NOW, null, rpoSeconds, null, List.of()));
        Status status =
                new Status(Health.HEALTHY, List.of(), 1, 1, null, 0, List.of(), backups, List.of(), chains, List.of());
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        exchange.getMessage().setBody(status);
        Unattended unattended = new Unattended("test", agenda, new Places(1), Set.of(), () -> false);
        Settings settings = Settings.read(root, environment);
        return new FindLate(settings, unattended, Clock.fixed(NOW, ZoneOffset.UTC)).find(exchange);
    }

    private static Instant hoursAgo(int hours) {
        return NOW.minus(Duration.ofHours(hours));
    }

    @Test
    void nothing_is_late_while_everything_is_young() {
        assertThat(late(hoursAgo(25), 12 * 3600L)).isEmpty();
    }

    @Test
    void a_full_that_is_too_old_is_late() {
        assertThat(late(hoursAgo(27), 0L)).singleElement().satisfies(alert -> {
            assertThat(alert.event()).isEqualTo(Event.LATE);
            assertThat(alert.subject()).isEqualTo("full of shop");
            assertThat(alert.why()).contains("more than 26 hours ago");
        });
    }

    @Test
    void no_full_at_all_is_late() {
        assertThat(late(null, 0L)).extracting(Alert::why).containsExactly("there is no full backup");
    }

    @Test
    void wal_that_is_too_old_is_late() {
        assertThat(late(hoursAgo(1), 14 * 3600L)).singleElement().satisfies(alert -> {
            assertThat(alert.subject()).isEqualTo("incremental of shop");
            assertThat(alert.why()).contains("more than 13 hours ago");
        });
    }

    @Test
    void a_run_that_was_due_and_has_not_begun_is_late() {
        agenda.change("integrity", turn -> Turn.first(hoursAgo(10)));
        assertThat(late(hoursAgo(1), 0L))
                .extracting(Alert::why)
                .singleElement()
                .satisfies(why -> assertThat(why).contains("due at 2026-05-05T05:00:00Z"));
    }

    @Test
    void what_is_off_is_not_late() {
        environment.put("BACKUP_SCHEDULE_FULL", "off");
        environment.put("BACKUP_SCHEDULE_INCREMENTAL", "off");
        assertThat(late(null, 99 * 3600L)).isEmpty();
    }
}
