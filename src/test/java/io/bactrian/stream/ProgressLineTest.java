package io.bactrian.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressLineTest {
    private static final long SECOND = 1_000_000_000;
    private static final int MEGABYTE = 1024 * 1024;

    private final StringBuilder screen = new StringBuilder();
    private final AtomicLong clock = new AtomicLong();

    @Test
    void shows_bytes_rate_share_and_time_left_and_clears_the_line_at_the_end() throws IOException {
        try (ProgressLine line = line(4 * MEGABYTE)) {
            clock.set(2 * SECOND);
            line.read(new byte[MEGABYTE]);
            assertThat(shown()).isEqualTo("|dump  1 MB  1 MB/s  25 %  6 s left");
        }
        assertThat(shown()).endsWith("left|");
    }

    @Test
    void says_nothing_of_a_short_stream() throws IOException {
        try (ProgressLine line = line(0)) {
            assertThat(line.readAllBytes()).hasSize(4 * MEGABYTE);
        }
        assertThat(shown()).isEmpty();
    }

    private ProgressLine line(long total) {
        return new ProgressLine(
                new ByteArrayInputStream(new byte[4 * MEGABYTE]),
                "dump",
                total,
                shown -> screen.append("|").append(shown),
                clock::get);
    }

    private String shown() {
        return screen.toString();
    }
}
