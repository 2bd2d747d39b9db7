package io.bactrian.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SizesTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0 Bytes",
        "1023, 1023 Bytes",
        "1024, 1.00 KB",
        "1536, 1.50 KB",
        "1048576, 1.00 MB",
        "164395745, 156.78 MB",
        "2512555868, 2.34 GB",
        "9223372036854775807, 8.00 EB",
    })
    void sizes_are_shown_as_the_system_before_showed_them(long bytes, String text) {
        assertThat(Sizes.text(bytes)).isEqualTo(text);
    }
}
