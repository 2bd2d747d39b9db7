package io.bactrian.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import io.bactrian.repository.Artifact;
import io.bactrian.repository.Json;
import io.bactrian.repository.Manifest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

/** With the example manifest: segment 5 of timeline 1, the history of timeline 2, segment 6 of timeline 2. */
class CheckWalTest {
    private static final int SEGMENT = 16 << 20;
    private static final long CLUSTER = 7564738291029384756L;

    private final CheckWal check = new CheckWal();

    @Test
    void a_segment_of_its_cluster_place_and_size_passes() throws Exception {
        assertThat(found(0, segment(1, 5, CLUSTER, SEGMENT))).isEqualTo("digest, decryption, decompression, header");
    }

    @Test
    void the_first_segment_after_a_switch_may_still_bear_the_timeline_before() throws Exception {
        assertThat(found(2, segment(1, 6, CLUSTER, SEGMENT))).contains("header");
    }

    @Test
    void a_segment_of_another_cluster_place_or_size_is_an_integrity_failure() {
        assertThat(refused(segment(1, 5, CLUSTER + 1, SEGMENT))).contains("another cluster");
        assertThat(refused(segment(1, 4, CLUSTER, SEGMENT))).contains("another place");
        assertThat(refused(new byte[SEGMENT])).contains("not a WAL segment");
        byte[] whole = segment(1, 5, CLUSTER, SEGMENT);
        assertThat(refused(Arrays.copyOf(whole, SEGMENT - 1))).contains("holds 16777215 bytes");
        assertThat(refused(Arrays.copyOf(whole, SEGMENT + 1))).contains("holds 16777217 bytes");
        assertThat(refused(new byte[0])).contains("not a WAL segment");
    }

    @Test
    void a_history_can_be_read() throws Exception {
        Exchange exchange = reading(1);
        exchange.getMessage().setBody(new ByteArrayInputStream("1\t0/6000100\tno recovery target\n".getBytes()));
        check.history(exchange);
        assertThat(exchange.getMessage().getBody(String.class)).endsWith("history");
    }

    @Test
    void a_manifest_that_does_not_list_each_segment_once_is_an_integrity_failure() throws Exception {
        String gap = example().replace("\"end\" : \"0/7000000\"", "\"end\" : \"0/8000000\"");
        Exchange exchange = reading(gap, 0);

        Failure failure = catchThrowableOfType(Failure.class, () -> check.range(exchange));

        assertThat(failure.exitCode()).isEqualTo(ExitCode.INTEGRITY);
        assertThat(failure).hasMessageContaining("does not list the segment at 0/7000000");
        check.range(reading(0));
    }

    @Test
    void all_segments_make_one_finding() throws Exception {
        Exchange exchange = reading(0);
        exchange.getMessage()
                .setBody(List.of(
                        "000000010000000000000005.zst.pgp: digest",
                        "00000002.history.zst.pgp: digest",
                        "000000020000000000000006.zst.pgp: digest"));
        check.findings(exchange);
        assertThat(exchange.getMessage().getBody())
                .isEqualTo(List.of(
                        "00000002.history.zst.pgp: digest", "WAL from 0/5000000 to 0/7000000, 2 segments: digest"));
    }

    private String found(int artifact, byte[] content) throws Exception {
        Exchange exchange = reading(artifact);
        exchange.getMessage().setBody(new ByteArrayInputStream(content));
        check.segment(exchange);
        return exchange.getMessage().getBody(String.class);
    }

    private String refused(byte[] content) {
        Failure failure = catchThrowableOfType(Failure.class, () -> found(0, content));
        assertThat(failure.exitCode()).isEqualTo(ExitCode.INTEGRITY);
        return failure.getMessage();
    }

    /** What the server writes at the beginning (XLogLongPageHeaderData). */
    private static byte[] segment(int timeline, long number, long cluster, int bytes) {
        return ByteBuffer.allocate(bytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putShort((short) 0xD110)
                .putShort((short) 2)
                .putInt(timeline)
                .putLong(number * SEGMENT)
                .putLong(0)
                .putLong(cluster)
                .putInt(SEGMENT)
                .array();
    }

    private static Exchange reading(int artifact) throws IOException {
        return reading(example(), artifact);
    }

    private static Exchange reading(String json, int artifact) throws IOException {
        Manifest manifest = Json.mapper().readValue(json, Manifest.class);
        Artifact chosen = manifest.artifacts().get(artifact);
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        Reading.of(manifest.id().text(), Reading.READ)
                .authenticated(manifest)
                .withArtifact(chosen)
                .on(exchange);
        return exchange;
    }

    private static String example() throws IOException {
        try (var in = CheckWalTest.class.getResourceAsStream("/incremental-v1.json")) {
            return new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        }
    }
}
