package io.bactrian.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import io.bactrian.postgres.TimelineHistory.Ancestor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimelineHistoryTest {
    private static final String OF_THREE =
            "1\t0/A000198\tno recovery target specified\n" + "\n2\t0/C0000D8\tbefore 2025-01-01 00:00:00+00\n";

    @Test
    void a_file_as_the_server_writes_it_is_read() {
        assertThat(TimelineHistory.parse(3, OF_THREE))
                .isEqualTo(new TimelineHistory(
                        3, List.of(new Ancestor(1, Lsn.of("0/A000198")), new Ancestor(2, Lsn.of("0/C0000D8")))));
        assertThat(TimelineHistory.parse(2, "# by hand\n  1 0/A000198\r\n").ancestors())
                .containsExactly(new Ancestor(1, Lsn.of("0/A000198")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hello",
                "1",
                "1\t0",
                "x\t0/1",
                "1\t0/A\treason\n2",
                "2\t0/A\tr\n1\t0/B\tr",
                "1\t0/A\tr\n1\t0/B\tr",
                "1\t0/B\tr\n2\t0/A\tr",
                "3\t0/A\tr",
                "99999999999\t0/A\tr",
                "1\t0/123456789\tr",
            })
    void a_damaged_file_is_refused(String text) {
        Failure failure = catchThrowableOfType(Failure.class, () -> TimelineHistory.parse(3, text));

        assertThat(failure).isNotNull().hasMessageContaining("00000003.history");
        assertThat(failure.exitCode()).isEqualTo(ExitCode.INTEGRITY);
    }

    @Test
    void the_log_goes_on_where_it_was_left_and_at_the_end_of_a_timeline_on_the_next() {
        TimelineHistory three = TimelineHistory.parse(3, "1\t0/6000000\tr\n2\t0/8000100\tr");

        assertThat(three.goesOn(1, Lsn.of("0/5000000"))).isEqualTo(1);
        assertThat(three.goesOn(1, Lsn.of("0/6000000"))).isEqualTo(2);
        assertThat(three.goesOn(2, Lsn.of("0/5000000"))).as("not back").isEqualTo(2);
        assertThat(three.goesOn(2, Lsn.of("0/8000000"))).isEqualTo(2);
        assertThat(three.goesOn(3, Lsn.of("0/8000000"))).isEqualTo(3);
        assertThat(three.goesOn(3, Lsn.of("FF/0"))).isEqualTo(3);
    }

    @Test
    void a_history_contains_what_was_written_before_each_switch() {
        TimelineHistory three = TimelineHistory.parse(3, OF_THREE);

        assertThat(three.contains(1, Lsn.of("0/A000198"))).isTrue();
        assertThat(three.contains(1, Lsn.of("0/A000199")))
                .as("written after the switch")
                .isFalse();
        assertThat(three.contains(2, Lsn.of("0/B000000"))).isTrue();
        assertThat(three.contains(2, Lsn.of("0/D000000"))).isFalse();
        assertThat(three.contains(3, Lsn.of("FF/0"))).as("its own").isTrue();
        assertThat(three.contains(4, Lsn.of("0/0")))
                .as("a timeline that it never was on")
                .isFalse();
        assertThat(TimelineHistory.first(1).contains(1, Lsn.of("FF/0"))).isTrue();
    }

    @Test
    void two_promotions_that_both_made_timeline_2_do_not_continue_each_other() {
        TimelineHistory one = TimelineHistory.parse(2, "1\t0/A000198\tr");
        TimelineHistory other = TimelineHistory.parse(2, "1\t0/B000000\tr");

        assertThat(one.continues(TimelineHistory.parse(2, "1\t0/A000198\tanother reason")))
                .isTrue();
        assertThat(one.continues(other)).isFalse();
        assertThat(TimelineHistory.parse(3, OF_THREE).continues(one)).isTrue();
        assertThat(TimelineHistory.parse(3, OF_THREE).continues(other)).isFalse();
        assertThat(one.continues(TimelineHistory.parse(3, OF_THREE)))
                .as("the way back")
                .isFalse();
        assertThat(one.continues(TimelineHistory.first(1))).isTrue();
        assertThat(TimelineHistory.parse(3, "1\t0/A000198\tr").continues(one))
                .as("a sibling")
                .isFalse();
    }

    @Test
    void files_are_named_in_hexadecimal() {
        assertThat(TimelineHistory.fileName(10)).isEqualTo("0000000A.history");
        assertThat(TimelineHistory.timelineOf("0000000A.history")).contains(10);
        assertThat(TimelineHistory.timelineOf("0000000A.history.zst.pgp")).contains(10);
        assertThat(TimelineHistory.timelineOf("000000010000000000000003")).isEmpty();
        assertThat(TimelineHistory.timelineOf("0000000A.historyx")).isEmpty();
    }
}
