package io.bactrian.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CompressionTest {
    private static final byte[] CONTENT = content(200_000);

    @ParameterizedTest
    @EnumSource
    void what_was_compressed_comes_back_at_every_level(Compression compression) throws IOException {
        for (int level : new int[] {1, 6, 9}) {
            assertThat(opened(compression, compressed(compression, CONTENT, level)))
                    .isEqualTo(CONTENT);
        }
        assertThat(opened(compression, compressed(compression, new byte[0], 1))).isEmpty();
    }

    /** zstd gives them pieces of 4 MB, all of one frame. */
    @Test
    void what_several_threads_have_packed_is_one_stream_and_its_end_is_proven() throws IOException {
        byte[] large = content(9_000_000);
        for (int level : new int[] {1, 3, 9}) {
            byte[] packed = compressed(Compression.ZSTD, large, level);

            assertThat(Arrays.equals(opened(Compression.ZSTD, packed), large)).isTrue();
            assert_integrity_failure(Compression.ZSTD, Arrays.copyOf(packed, packed.length / 2), "half of it");
            assert_integrity_failure(Compression.ZSTD, Arrays.copyOf(packed, packed.length - 1), "all but a byte");
        }
    }

    @ParameterizedTest
    @EnumSource
    void is_recognized_by_its_first_bytes(Compression compression) throws IOException {
        byte[] packed = compressed(compression, CONTENT, 1);
        assertThat(Compression.of(Peeked.at(new ByteArrayInputStream(packed), 4)))
                .isEqualTo(compression);
    }

    @ParameterizedTest
    @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void a_stream_cut_anywhere_is_an_integrity_failure(Compression compression) throws IOException {
        byte[] packed = compressed(compression, CONTENT, 1);
        for (int length : new int[] {1, 3, 5, 11, packed.length / 2, packed.length - 9, packed.length - 1}) {
            assert_integrity_failure(compression, Arrays.copyOf(packed, length), "cut to " + length);
        }
    }

    @ParameterizedTest
    @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void a_flipped_bit_is_an_integrity_failure_or_changes_nothing(Compression compression) throws IOException {
        byte[] packed = compressed(compression, CONTENT, 1);
        for (int i = 0; i < packed.length; i += 1 + packed.length / 200) {
            byte[] flipped = packed.clone();
            flipped[i] ^= 0x10;
            try {
                assertThat(opened(compression, flipped))
                        .as("bit of byte %d, in a field of the head that means nothing", i)
                        .isEqualTo(CONTENT);
            } catch (Failure failure) {
                assertThat(failure.exitCode()).isEqualTo(ExitCode.INTEGRITY);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void concatenated_streams_are_one(Compression compression) throws IOException {
        byte[] first = compressed(compression, "one ".getBytes(), 1);
        byte[] second = compressed(compression, CONTENT, 6);
        byte[] third = compressed(compression, new byte[0], 1);

        byte[] opened = opened(compression, joined(first, second, third, first));

        assertThat(opened)
                .hasSize(4 + CONTENT.length + 4)
                .startsWith("one ".getBytes())
                .endsWith("one ".getBytes());
    }

    /** A pipe says that nothing is available; that must not look like the end. */
    @ParameterizedTest
    @ValueSource(ints = {1, 7, 64 * 1024})
    void concatenated_gzip_is_whole_from_a_source_that_never_has_anything_available(int pieces) throws IOException {
        byte[] member = compressed(Compression.GZIP, "member".getBytes(), 1);
        InputStream trickling = new ByteArrayInputStream(joined(member, member, member)) {
            @Override
            public synchronized int read(byte[] target, int offset, int length) {
                return super.read(target, offset, Math.min(length, pieces));
            }

            @Override
            public synchronized int available() {
                return 0;
            }
        };
        try (InputStream opened = Compression.GZIP.decompress(trickling)) {
            assertThat(opened.readAllBytes()).asString().isEqualTo("member".repeat(3));
        }
    }

    @ParameterizedTest
    @CsvSource({"GZIP,1", "GZIP,5", "GZIP,9", "GZIP,30", "GZIP,70000", "ZSTD,1", "ZSTD,30", "ZSTD,70000"})
    void what_follows_and_is_not_compressed_is_an_integrity_failure(Compression compression, int bytes)
            throws IOException {
        byte[] garbage = new byte[bytes];
        Arrays.fill(garbage, (byte) 'x');
        assert_integrity_failure(
                compression, joined(compressed(compression, CONTENT, 1), garbage), bytes + " bytes of garbage");
    }

    @ParameterizedTest
    @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void a_failure_of_the_source_after_the_last_compressed_byte_is_seen(Compression compression) throws IOException {
        InputStream unproven = new java.io.SequenceInputStream(
                new ByteArrayInputStream(compressed(compression, CONTENT, 1)), new InputStream() {
                    @Override
                    public int read() {
                        throw Failure.integrity("the final chunk is missing", "Restore another backup.");
                    }
                });
        try (InputStream opened = compression.decompress(unproven)) {
            assertThatThrownBy(opened::readAllBytes).hasMessage("the final chunk is missing");
        }
    }

    @Test
    void an_unknown_name_is_refused_with_those_there_are() {
        assertThatThrownBy(() -> Compression.named("lz4")).isInstanceOfSatisfying(Failure.class, failure -> {
            assertThat(failure.exitCode()).isEqualTo(ExitCode.USAGE);
            assertThat(failure.hint()).contains("zstd, gzip, none");
        });
    }

    private static void assert_integrity_failure(Compression compression, byte[] stored, String how) {
        Throwable thrown = catchThrowable(() -> opened(compression, stored));
        assertThat(thrown).as(how).isInstanceOfSatisfying(Failure.class, failure -> {
            assertThat(failure.exitCode()).isEqualTo(ExitCode.INTEGRITY);
            assertThat(failure.hint()).isNotBlank();
        });
    }

    private static byte[] compressed(Compression compression, byte[] content, int level) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream out = compression.compress(packed, level)) {
            out.write(content);
        }
        return packed.toByteArray();
    }

    private static byte[] opened(Compression compression, byte[] packed) throws IOException {
        try (InputStream in = compression.decompress(new ByteArrayInputStream(packed))) {
            return in.readAllBytes();
        }
    }

    private static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    /** Half of it compressible. */
    private static byte[] content(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        Arrays.fill(bytes, 0, size / 2, (byte) 'a');
        return bytes;
    }
}
