package io.bactrian.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WalHeaderTest {
    private static final int MIB = 1 << 20;
    private static final String CLUSTER = "17300000000000000001";
    private static final WalSegment SEGMENT = new WalSegment(2, 0x1_0000_0003L, 16 * MIB);

    @ParameterizedTest
    @ValueSource(
            shorts = {(short) 0xD106, (short) 0xD10D, (short) 0xD110, (short) 0xD113, (short) 0xD116, (short) 0xD118})
    void the_first_page_of_every_supported_version_is_read(short magic) {
        byte[] page = page(magic, ByteOrder.LITTLE_ENDIAN);

        assertThat(WalHeader.read(page)).contains(new WalHeader(2, SEGMENT.start(), CLUSTER, 16 * MIB, null));
        assertThatCode(() -> WalHeader.check(page, SEGMENT, CLUSTER)).doesNotThrowAnyException();
    }

    @Test
    void a_server_of_the_other_byte_order_is_understood() {
        assertThat(WalHeader.read(page((short) 0xD110, ByteOrder.BIG_ENDIAN)))
                .contains(new WalHeader(2, SEGMENT.start(), CLUSTER, 16 * MIB, null));
    }

    @Test
    void the_first_record_says_where_the_one_before_it_begins() {
        byte[] page = page();
        ByteBuffer.wrap(page)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putShort(2, (short) 0x0002)
                .putLong(48, 4711);

        assertThat(WalHeader.read(page).orElseThrow().previous()).isEqualTo(new Lsn(4711));
    }

    @Test
    void a_segment_of_another_cluster_is_refused() {
        assert_refused(page(), SEGMENT, "7", "another cluster", CLUSTER);
    }

    @Test
    void a_segment_of_another_size_is_refused() {
        assert_refused(page(), new WalSegment(2, 3, 64 * MIB), CLUSTER, "segments of 16777216 bytes, not of 67108864");
    }

    @Test
    void a_recycled_file_is_refused() {
        assert_refused(page(), SEGMENT.next(), CLUSTER, "another place in the log", "as a recycled file does");
    }

    @Test
    void a_segment_of_a_younger_timeline_than_its_name_says_is_refused() {
        assert_refused(page(), new WalSegment(1, SEGMENT.number(), 16 * MIB), CLUSTER, "written on timeline 2");
    }

    @Test
    void the_first_segment_after_a_switch_may_begin_on_the_timeline_before() {
        assertThatCode(() -> WalHeader.check(page(), new WalSegment(3, SEGMENT.number(), 16 * MIB), CLUSTER))
                .doesNotThrowAnyException();
    }

    @Test
    void what_is_not_wal_is_refused() {
        byte[] shortHeader = page();
        shortHeader[2] = 0;

        assert_refused(new byte[8192], SEGMENT, CLUSTER, "not a WAL segment at all");
        assert_refused(shortHeader, SEGMENT, CLUSTER, "not a WAL segment at all");
        assert_refused(Arrays.copyOf(page(), WalHeader.BYTES - 1), SEGMENT, CLUSTER, "not a WAL segment at all");
        assert_refused(new byte[0], SEGMENT, CLUSTER, "not a WAL segment at all");
    }

    private static void assert_refused(byte[] first, WalSegment expected, String systemId, String... words) {
        Failure failure = catchThrowableOfType(Failure.class, () -> WalHeader.check(first, expected, systemId));

        assertThat(failure).isNotNull();
        assertThat(failure.exitCode()).isEqualTo(ExitCode.INTEGRITY);
        assertThat(failure).hasMessageContaining(expected.name()).hasMessageContainingAll(words);
        assertThat(failure.hint()).isNotBlank();
    }

    private static byte[] page() {
        return page((short) 0xD110, ByteOrder.LITTLE_ENDIAN);
    }

    private static byte[] page(short magic, ByteOrder order) {
        return ByteBuffer.allocate(8192)
                .order(order)
                .putShort(magic)
                .putShort((short) 0x0003)
                .putInt(2)
                .putLong(SEGMENT.start().position())
                .putLong(0)
                .putLong(Long.parseUnsignedLong(CLUSTER))
                .putInt(16 * MIB)
                .putInt(8192)
                .array();
    }
}
