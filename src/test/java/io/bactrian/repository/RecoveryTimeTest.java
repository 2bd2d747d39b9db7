package io.bactrian.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecoveryTimeTest {
    private static final ZoneId OSLO = ZoneId.of("Europe/Oslo");

    @ParameterizedTest
    @CsvSource({
        "2025-01-01T14:30:00Z, 2025-01-01T14:30:00Z",
        "2025-01-01t14:30:00z, 2025-01-01T14:30:00Z",
        "2025-01-01T14:30Z, 2025-01-01T14:30:00Z",
        "2025-01-01 14:30:00Z, 2025-01-01T14:30:00Z",
        "2025-01-01T15:30:00+01:00, 2025-01-01T14:30:00Z",
        "2025-01-01T15:30:00+0100, 2025-01-01T14:30:00Z",
        "2025-01-01 15:30:00+01, 2025-01-01T14:30:00Z",
        "2025-01-01 15:30:00 +0100, 2025-01-01T14:30:00Z",
        "2025-01-01T00:15:00-05:30, 2025-01-01T05:45:00Z",
        "2025-01-01 14:30:00.123 UTC, 2025-01-01T14:30:00.123Z",
        "2025-01-01T14:30:00.123456Z, 2025-01-01T14:30:00.123456Z",
        "2025-01-01T14:30:00.123456999Z, 2025-01-01T14:30:00.123456Z",
        "'2025-01-01T14:30:00,5Z', 2025-01-01T14:30:00.500Z",
        "' 2025-01-01T14:30:00Z ', 2025-01-01T14:30:00Z",
        "2024-02-29T00:00Z, 2024-02-29T00:00:00Z",
    })
    void a_time_with_an_offset_is_that_moment_whatever_the_configured_zone(String text, Instant moment) {
        assertThat(RecoveryTime.parse(text, OSLO)).isEqualTo(new RecoveryTime(moment, null));
    }

    @ParameterizedTest
    @CsvSource({
        "2025-01-01T15:30:00, 2025-01-01T14:30:00Z",
        "2025-07-01 16:30, 2025-07-01T14:30:00Z",
        "2025-03-30T01:59:59.999999, 2025-03-30T00:59:59.999999Z",
        "2025-03-30T03:00, 2025-03-30T01:00:00Z",
    })
    void a_time_without_an_offset_is_one_of_the_configured_zone_and_says_so(String text, Instant moment) {
        RecoveryTime time = RecoveryTime.parse(text, OSLO);

        assertThat(time).isEqualTo(new RecoveryTime(moment, OSLO));
        assertThat(time.toString()).contains(moment.toString()).contains("Europe/Oslo");
    }

    @ParameterizedTest
    @ValueSource(strings = {"latest", "LATEST", " latest "})
    void latest_is_no_particular_time(String text) {
        assertThat(RecoveryTime.parse(text, OSLO))
                .isEqualTo(RecoveryTime.LATEST)
                .hasToString("latest");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "yesterday",
                "2025-01-01",
                "14:30",
                "2025-02-30T14:30Z",
                "2025-13-01T14:30Z",
                "2025-01-01T24:00Z",
                "2025-01-01T14:60Z",
                "2025-01-01T14:30:00.1234567890Z",
                "2025-01-01T14:30:00+25:00",
                "2025-01-01T14:30:00 CET",
                "2025-01-01T14:30:00Z; DROP TABLE x",
                "2025-01-01T14:30:00Z'",
                "25-01-01T14:30Z",
            })
    void anything_else_is_refused_with_an_example(String text) {
        Failure failure = catchThrowableOfType(Failure.class, () -> RecoveryTime.parse(text, OSLO));

        assertThat(failure).isNotNull().hasMessageContaining("is not a time");
        assertThat(failure.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(failure.hint()).contains("2025-01-01T14:30:00Z");
    }

    @Test
    void a_time_that_the_clocks_skipped_is_refused() {
        Failure failure = catchThrowableOfType(Failure.class, () -> RecoveryTime.parse("2025-03-30T02:30", OSLO));

        assertThat(failure).hasMessageContaining("there was no 2025-03-30T02:30 in Europe/Oslo");
        assertThat(failure.hint()).contains("2025-03-30T02:30+01:00");
        assertThat(failure.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(RecoveryTime.parse("2025-03-30T02:30+01:00", OSLO).instant())
                .as("the hint can be followed")
                .isEqualTo("2025-03-30T01:30:00Z");
    }

    @Test
    void a_time_that_the_clocks_showed_twice_is_refused_and_both_are_named() {
        Failure failure = catchThrowableOfType(Failure.class, () -> RecoveryTime.parse("2025-10-26T02:30", OSLO));

        assertThat(failure).hasMessageContaining("twice in Europe/Oslo");
        assertThat(failure.hint())
                .contains("2025-10-26T02:30+02:00 was the first")
                .contains("2025-10-26T02:30+01:00 the second");
        assertThat(failure.exitCode()).isEqualTo(ExitCode.USAGE);
    }

    @Test
    void the_target_has_the_form_that_the_server_takes() {
        assertThat(RecoveryTarget.time(Instant.parse("2026-11-22T17:08:22.123456Z")))
                .isEqualTo(new RecoveryTarget("recovery_target_time", "2026-11-22 17:08:22.123456+00"));
        assertThat(RecoveryTarget.time(Instant.parse("2026-11-22T17:08:00Z")).value())
                .isEqualTo("2026-11-22 17:08:00.000000+00");
    }
}
