package io.bactrian.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.io.IOException;
import java.util.Arrays;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever is cut off, flipped or added: a loud failure, never a clean end. */
class DamageTest {
    /** The key version (8 bits, the fingerprint decides), the low bits of an integer's length (3), a point's top bit (1). */
    private static final int HARMLESS_BITS = 12;

    /** Small enough to damage everywhere; one with several partial packets and more than one chunk; one ending at a chunk's end. */
    static Stream<Arguments> artifacts() throws IOException {
        Stream.Builder<Arguments> artifacts = Stream.builder();
        for (Encryption format : new Encryption[] {Encryption.OPENPGP, Encryption.GPG}) {
            for (int size : new int[] {0, 100, 3 * 256 * 1024 - 8, 700_000}) {
                artifacts.add(Arguments.of(Sealed.of(format, Keys.content(size)), size));
            }
        }
        return artifacts.build();
    }

    @ParameterizedTest
    @MethodSource("artifacts")
    void a_truncated_body_fails(Sealed sealed, int size) {
        byte[] body = sealed.body();
        positions(body.length)
                .forEach(length -> SealTest.assertThatItFails(
                        sealed.withBody(Arrays.copyOf(body, length)), "cut to " + length + " of " + body.length));
    }

    @ParameterizedTest
    @MethodSource("artifacts")
    void a_flipped_bit_in_the_body_fails(Sealed sealed, int size) {
        byte[] body = sealed.body();
        positions(body.length)
                .forEach(position -> bits(position).forEach(bit -> {
                    byte[] flipped = body.clone();
                    flipped[position] ^= (byte) (1 << bit);
                    SealTest.assertThatItFails(sealed.withBody(flipped), "bit " + bit + " of byte " + position);
                }));
    }

    @ParameterizedTest
    @MethodSource("artifacts")
    void anything_behind_the_end_fails(Sealed sealed, int size) {
        byte[] body = sealed.body();
        Stream.of(new byte[1], new byte[16], new byte[100_000], body).forEach(tail -> {
            byte[] longer = Arrays.copyOf(body, body.length + tail.length);
            System.arraycopy(tail, 0, longer, body.length, tail.length);
            SealTest.assertThatItFails(sealed.withBody(longer), tail.length + " bytes more");
        });
    }

    /** Some bits of a session key packet have no meaning; anything else fails. */
    @ParameterizedTest
    @EnumSource(names = {"OPENPGP", "GPG"})
    void flipped_session_keys_fail_or_open_the_very_content(Encryption format) throws IOException {
        byte[] content = Keys.content(100);
        Sealed sealed = Sealed.of(format, content);
        byte[] keys = sealed.sessionKeys();
        int opened = 0;
        for (int bit = 0; bit < keys.length * 8; bit++) {
            byte[] flipped = keys.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            try {
                assertThat(sealed.withSessionKeys(flipped).open()).isEqualTo(content);
                opened++;

            } catch (Failure failure) {
                assertThat(failure.exitCode()).isEqualTo(ExitCode.INTEGRITY);
            }
        }
        assertThat(opened).isLessThanOrEqualTo(HARMLESS_BITS);
    }

    @ParameterizedTest
    @EnumSource(names = {"OPENPGP", "GPG"})
    void truncated_session_keys_fail(Encryption format) throws IOException {
        Sealed sealed = Sealed.of(format, Keys.content(100));
        IntStream.range(0, sealed.sessionKeys().length)
                .forEach(length -> SealTest.assertThatItFails(
                        sealed.withSessionKeys(Arrays.copyOf(sealed.sessionKeys(), length)), "cut to " + length));
    }

    @ParameterizedTest
    @MethodSource("cbc")
    void a_damaged_cbc_body_fails(Sealed sealed) {
        byte[] body = sealed.body();
        IntStream.of(0, 7, 8, 15, 16, 17, body.length / 2, body.length - 17, body.length - 16, body.length - 1)
                .forEach(position -> {
                    byte[] flipped = body.clone();
                    flipped[position] ^= 1;
                    SealTest.assertThatItFails(sealed.withBody(flipped), "flipped at " + position);
                    SealTest.assertThatItFails(sealed.withBody(Arrays.copyOf(body, position)), "cut to " + position);
                });
        SealTest.assertThatItFails(sealed.withBody(Arrays.copyOf(body, body.length + 16)), "a block more");
    }

    static Stream<Sealed> cbc() throws IOException {
        return Stream.of(
                Sealed.of(Encryption.AES_256_CBC, Keys.content(64)),
                Sealed.of(Encryption.AES_256_CBC, Keys.content(200_000)));
    }

    /** Every position of a small body; of a large one its ends, the chunk and packet boundaries, and some between. */
    private static IntStream positions(int length) {
        if (length < 300) {
            return IntStream.range(0, length);
        }
        TreeSet<Integer> positions = new TreeSet<>();
        IntStream.concat(IntStream.range(0, 45), IntStream.range(length - 45, length))
                .forEach(positions::add);
        IntStream.iterate(65_536, position -> position < length, position -> position + 65_536)
                .forEach(boundary -> IntStream.of(-17, -1, 0, 1, 2, 37, 38, 53, 54, 70)
                        .map(offset -> boundary + offset)
                        .filter(position -> position < length)
                        .forEach(positions::add));
        return positions.stream().mapToInt(Integer::intValue);
    }

    private static IntStream bits(int position) {
        return position < 45 ? IntStream.range(0, 8) : IntStream.of(position % 8);
    }
}
