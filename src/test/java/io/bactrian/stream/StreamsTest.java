package io.bactrian.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import io.bactrian.crypto.NativeCrypto;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamsTest {
    private static final String ABC_SHA256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    @Test
    void a_digested_stream_gives_the_sha256_of_fips_180_4_however_it_is_read() throws IOException {
        Digested whole = new Digested(stream("abc"), NativeCrypto.sha256());
        assertThat(whole.readAllBytes()).asString().isEqualTo("abc");
        Digested single = new Digested(stream("abc"), NativeCrypto.sha256());
        while (single.read() >= 0) {
            assertThat(single.bytes()).isPositive();
        }

        assertThat(whole.sha256Hex()).isEqualTo(ABC_SHA256);
        assertThat(single.sha256Hex()).isEqualTo(ABC_SHA256);
        assertThat(whole.bytes()).isEqualTo(3);
        assertThat(Digested.sha256Hex("abc".getBytes(StandardCharsets.US_ASCII)))
                .isEqualTo(ABC_SHA256);
    }

    @Test
    void a_digested_stream_cannot_be_skipped_past_the_digest() {
        Digested digested = new Digested(stream("abc"), NativeCrypto.sha256());
        assertThat(digested.markSupported()).isFalse();
        assertThatThrownBy(() -> digested.skip(1)).isInstanceOf(IOException.class);
    }

    @Test
    void a_metered_stream_tells_its_listener_the_total() throws IOException {
        List<Long> totals = new ArrayList<>();
        Metered metered = new Metered(inPieces("abcdef", 4), totals::add);
        assertThat(metered.readAllBytes()).hasSize(6);
        assertThat(totals).containsExactly(4L, 6L);
        assertThat(metered.bytes()).isEqualTo(6);
    }

    @Test
    void a_peeked_stream_is_whole_and_may_be_shorter_than_the_look() throws IOException {
        Peeked peeked = Peeked.at(inPieces("PGDMP and more", 2), 5);
        assertThat(peeked.startsWith('P', 'G', 'D', 'M', 'P')).isTrue();
        assertThat(peeked.startsWith('P', 'K')).isFalse();
        assertThat(peeked.whole().readAllBytes()).asString().isEqualTo("PGDMP and more");

        Peeked shorter = Peeked.at(stream("PG"), 5);
        assertThat(shorter.startsWith('P', 'G', 'D', 'M', 'P')).isFalse();
        assertThat(shorter.whole().readAllBytes()).asString().isEqualTo("PG");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 1000})
    void the_last_bytes_are_kept_however_they_arrive(int piece) throws IOException {
        assertThat(LastBytes.of(inPieces("0123456789", piece), 4)).asString().isEqualTo("6789");
        assertThat(LastBytes.of(inPieces("01", piece), 4)).asString().isEqualTo("01");
        assertThat(LastBytes.of(InputStream.nullInputStream(), 4)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 7, 1000})
    void a_script_that_would_leave_its_database_is_stopped_before_that_line_is_whole(int piece) {
        for (String line : List.of("\\connect other\n", "\\c other\n", "DROP DATABASE x;\n", "CREATE DATABASE x;\n")) {
            for (String before : List.of("", "SELECT 1;\n", "-- a line that is longer than what is looked at\n\n")) {
                assertThatThrownBy(() -> guarded(before + line + "SELECT 2;\n", piece))
                        .as(before + line)
                        .isInstanceOfSatisfying(Failure.class, failure -> {
                            assertThat(failure.exitCode()).isEqualTo(ExitCode.PRECONDITION);
                            assertThat(failure.hint()).contains("pg_dump --create");
                        });
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 1000})
    void everything_else_in_a_script_passes_unchanged(int piece) throws IOException {
        String script = "CREATE TABLE a (t text);\n \\connect in the middle\nCOPY a FROM stdin;\n\\\\connect\tx\n\\.\n"
                + "-- DROP DATABASE x\nDROP DATABASELINK x;\nCREATE\nDATABASE\n\\copy\n\\co";
        assertThat(guarded(script, piece)).isEqualTo(script);
    }

    private static String guarded(String script, int piece) throws IOException {
        return new String(new GuardedScript(inPieces(script, piece)).readAllBytes(), StandardCharsets.UTF_8);
    }

    private static InputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    private static InputStream inPieces(String text, int piece) {
        return new FilterInputStream(stream(text)) {
            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                return super.read(target, offset, Math.min(length, piece));
            }
        };
    }
}
