package io.bactrian.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DurationsTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0ms",
        "999, 999ms",
        "1000, 1s",
        "45400, 45s",
        "59499, 59s",
        "59500, 1m 0s",
        "200000, 3m 20s",
        "3599600, 1h 0m",
        "7500000, 2h 5m",
        "90000000, 25h 0m",
    })
    void durations_are_shown_in_their_two_largest_units(long millis, String text) {
        assertThat(Durations.text(millis)).isEqualTo(text);
    }
}
