package io.bactrian.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WalSegmentTest {
    private static final int MIB = 1 << 20;

    /** As pg_walfile_name says them, on servers with such segments. */
    @ParameterizedTest
    @CsvSource({
        "0/1000000, 1, 16, 000000010000000000000001",
        "0/FFFFFFFF, 1, 16, 0000000100000000000000FF",
        "1/0, 1, 16, 000000010000000100000000",
        "16/B374D848, 10, 16, 0000000A00000016000000B3",
        "16/B374D848, 1, 1, 000000010000001600000B37",
        "16/B374D848, 1, 1024, 000000010000001600000002",
        "FFFFFFFF/FF000000, 4294967295, 16, FFFFFFFFFFFFFFFF000000FF",
    })
    void the_name_and_the_place_in_the_log_are_two_sides_of_one_thing(
            String lsn, String timeline, int mebibytes, String name) {
        WalSegment segment = WalSegment.containing(Lsn.of(lsn), Integer.parseUnsignedInt(timeline), mebibytes * MIB);

        assertThat(segment.name()).isEqualTo(name);
        assertThat(WalSegment.named(name, mebibytes * MIB)).contains(segment);
        assertThat(segment.start()).isLessThanOrEqualTo(Lsn.of(lsn));
        assertThat(segment.end().since(Lsn.of(lsn))).isBetween(1L, (long) mebibytes * MIB);
    }

    @Test
    void the_end_of_one_is_the_start_of_the_next() {
        WalSegment last = WalSegment.containing(Lsn.of("0/FFFFFFFF"), 3, 16 * MIB);

        assertThat(last.end()).isEqualTo(Lsn.of("1/0")).isEqualTo(last.next().start());
        assertThat(last.next().previous()).isEqualTo(last);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "000000010000000000000100",
                "00000001000000000000000",
                "0000000100000000000000001",
                "00000001000000000000000g",
                "00000002.history",
                "",
            })
    void what_is_not_the_name_of_a_segment_is_none(String name) {
        assertThat(WalSegment.named(name, 16 * MIB)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "000000010000000000000003, true",
        "000000010000000000000003.zst.pgp, true",
        "000000010000000000000003.gz, true",
        "000000010000000000000003.partial, false",
        "000000010000000000000003.partial.zst, false",
        "000000010000000000000003.00000028.backup, false",
        "00000002.history.zst.pgp, false",
    })
    void a_stored_segment_is_known_by_its_name_whatever_it_was_packed_with(String file, boolean segment) {
        assertThat(WalSegment.ofFile(file, 16 * MIB).isPresent()).isEqualTo(segment);
    }

    @Test
    void places_are_ordered_as_unsigned_numbers() {
        assertThat(Lsn.of("0/FFFFFFFF")).isLessThan(Lsn.of("1/0"));
        assertThat(Lsn.of("7FFFFFFF/FFFFFFFF")).isLessThan(Lsn.of("80000000/0"));
        assertThat(Lsn.of("1/0").isBefore(Lsn.of("1/0"))).isFalse();
        assertThat(Lsn.of("1/0").since(Lsn.of("0/FF000000"))).isEqualTo(16 * MIB);
        assertThat(Lsn.of("16/b374d848")).hasToString("16/B374D848");
        assertThat(Lsn.parse("16B374D848")).isEmpty();
        assertThat(Lsn.parse("1/000000000")).isEmpty();
    }
}
