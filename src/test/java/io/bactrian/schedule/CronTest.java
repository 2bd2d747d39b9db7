package io.bactrian.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CronTest {
    private static final ZoneId OSLO = ZoneId.of("Europe/Oslo");

    private static List<String> following(String cron, ZoneId zone, String after, int count) {
        List<String> found = new ArrayList<>();
        Instant moment = OffsetDateTime.parse(after).toInstant();
        for (int i = 0; i < count; i++) {
            moment = Cron.parse(cron).next(moment, zone).orElseThrow();
            found.add(moment.atZone(zone).toOffsetDateTime().toString());
        }
        return found;
    }

    @Test
    void a_daily_schedule_is_due_at_its_time_in_its_zone() {
        assertThat(following("0 2 * * *", OSLO, "2026-01-10T02:00+01:00", 2))
                .containsExactly("2026-01-11T02:00+01:00", "2026-01-12T02:00+01:00");
    }

    @Test
    void a_moment_just_before_its_time_is_followed_by_it() {
        assertThat(following("0 2 * * *", OSLO, "2026-01-10T01:59:59.999999999+01:00", 1))
                .containsExactly("2026-01-10T02:00+01:00");
    }

    @Test
    void a_time_that_spring_passes_over_is_due_at_the_change_and_not_again_that_day() {
        assertThat(following("30 2 * * *", OSLO, "2026-03-28T12:00+01:00", 2))
                .containsExactly("2026-03-29T03:00+02:00", "2026-03-30T02:30+02:00");
    }

    @Test
    void several_times_that_spring_passes_over_are_due_once() {
        assertThat(following("0,15,30,45 2,3 * * *", OSLO, "2026-03-29T01:59+01:00", 2))
                .containsExactly("2026-03-29T03:00+02:00", "2026-03-29T03:15+02:00");
    }

    @Test
    void a_time_in_the_hour_that_autumn_repeats_is_due_in_its_first_pass_alone() {
        assertThat(following("30 2 * * *", OSLO, "2026-10-24T12:00+02:00", 2))
                .containsExactly("2026-10-25T02:30+02:00", "2026-10-26T02:30+01:00");
    }

    @Test
    void a_moment_in_the_second_pass_is_followed_by_the_next_day() {
        assertThat(following("30 2 * * *", OSLO, "2026-10-25T02:10+01:00", 1))
                .containsExactly("2026-10-26T02:30+01:00");
    }

    @Test
    void what_is_due_every_hour_is_due_in_the_repeated_one_too() {
        assertThat(following("30 * * * *", OSLO, "2026-10-25T01:30+02:00", 3))
                .containsExactly("2026-10-25T02:30+02:00", "2026-10-25T02:30+01:00", "2026-10-25T03:30+01:00");
    }

    @Test
    void what_is_due_every_hour_has_no_run_for_the_hour_that_spring_leaves_out() {
        assertThat(following("30 * * * *", OSLO, "2026-03-29T01:30+01:00", 2))
                .containsExactly("2026-03-29T03:30+02:00", "2026-03-29T04:30+02:00");
    }

    @Test
    void every_minute_leaves_sixty_seconds_between_runs_over_both_changes() {
        for (String day : List.of("2026-03-29T00:00+01:00", "2026-10-25T00:00+02:00")) {
            Cron cron = Cron.parse("* * * * *");
            Instant moment = OffsetDateTime.parse(day).toInstant();
            for (int i = 0; i < 300; i++) {
                Instant next = cron.next(moment, OSLO).orElseThrow();
                assertThat(Duration.between(moment, next)).isEqualTo(Duration.ofMinutes(1));
                moment = next;
            }
        }
    }

    @Test
    void a_leap_day_is_waited_for_over_eight_years() {
        assertThat(following("0 2 29 2 *", ZoneId.of("UTC"), "2096-03-01T00:00Z", 1))
                .containsExactly("2104-02-29T02:00Z");
    }

    @Test
    void a_day_that_a_zone_left_out_altogether_is_made_up_for_at_the_change() {
        // Samoa went over the date line: 30 December 2011 did not happen
        assertThat(following("0 12 * * *", ZoneId.of("Pacific/Apia"), "2011-12-29T13:00-10:00", 2))
                .containsExactly("2011-12-31T00:00+14:00", "2011-12-31T12:00+14:00");
    }

    @Test
    void day_of_month_and_day_of_week_together_mean_either_as_in_cron() {
        assertThat(following("0 0 13 * 5", ZoneId.of("UTC"), "2026-03-10T00:00Z", 3))
                .containsExactly("2026-03-13T00:00Z", "2026-03-20T00:00Z", "2026-03-27T00:00Z");
    }

    @ParameterizedTest
    @CsvSource({"0,SUN", "7,SUN", "1,MON"})
    void sunday_is_both_0_and_7(String number, String name) {
        String after = "2026-05-05T00:00Z";
        assertThat(following("0 4 * * " + number, ZoneId.of("UTC"), after, 3))
                .isEqualTo(following("0 4 * * " + name, ZoneId.of("UTC"), after, 3));
    }

    /** By the plain reading: each minute of a year, asked whether the clock on the wall then shows one of the schedule's times. */
    @ParameterizedTest
    @ValueSource(strings = {"0 2 * * *", "30 2 * * *", "15 1,2,3 * * *", "*/20 * * * *", "0 */6 * * *", "59 23 * * 0"})
    void every_time_that_the_wall_clock_shows_in_a_year_is_due_exactly_once(String text) {
        Cron cron = Cron.parse(text);
        Instant moment = Instant.parse("2025-12-31T22:59:00Z");
        Instant end = Instant.parse("2026-12-31T22:59:00Z");
        Set<LocalDateTime> wall = new TreeSet<>();
        List<Instant> due = new ArrayList<>();
        while (true) {
            moment = cron.next(moment, OSLO).orElseThrow();
            if (moment.isAfter(end)) {
                break;
            }
            due.add(moment);
            wall.add(LocalDateTime.ofInstant(moment, OSLO));
        }
        assertThat(due).doesNotHaveDuplicates().isSorted();
        Set<LocalDateTime> expected = new TreeSet<>();
        for (LocalDateTime day = LocalDateTime.parse("2026-01-01T00:00");
                day.isBefore(LocalDateTime.parse("2026-12-31T23:59"));
                day = day.plusMinutes(1)) {
            ZonedDateTime real = day.atZone(OSLO);
            boolean exists = real.toLocalDateTime().equals(day);
            if (shows(text, day)) {
                if (exists) {
                    expected.add(day);
                } else if (!text.contains(" * * * *")) {
                    expected.add(LocalDateTime.parse("2026-03-29T03:00"));
                }
            }
        }
        assertThat(wall).isEqualTo(expected);
    }

    private static boolean shows(String text, LocalDateTime at) {
        String[] fields = text.split(" ");
        return matches(fields[0], at.getMinute())
                && matches(fields[1], at.getHour())
                && matches(fields[4], at.getDayOfWeek().getValue() % 7);
    }

    private static boolean matches(String field, int value) {
        if (field.equals("*")) {
            return true;
        }
        if (field.startsWith("*/")) {
            return value % Integer.parseInt(field.substring(2)) == 0;
        }
        return List.of(field.split(",")).contains(String.valueOf(value));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0 2 * *",
                "0 2 * * * *",
                "61 2 * * *",
                "0 25 * * *",
                "0 2 * * 8",
                "0 2 32 * *",
                "x",
                "0 0 30 2 *",
                "0 2 * * MONDAY!"
            })
    void what_is_no_schedule_is_refused(String text) {
        assertThatThrownBy(() -> Cron.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching("(?s).+");
    }
}
