package io.bactrian.crypto;

import static io.bactrian.crypto.Encryption.AES_256_CBC;
import static io.bactrian.crypto.Encryption.GPG;
import static io.bactrian.crypto.Encryption.OPENPGP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class SealTest {
    private static final int CHUNK = 256 * 1024;

    static Stream<Arguments> formats_and_sizes() {
        return Stream.of(OPENPGP, GPG, AES_256_CBC)
                .flatMap(format -> IntStream.of(
                                0, 1, 15, 16, 65_535, 65_536, CHUNK - 8, CHUNK - 1, CHUNK, CHUNK + 1, 5_000_000)
                        .mapToObj(size -> Arguments.of(format, size)));
    }

    @ParameterizedTest
    @MethodSource("formats_and_sizes")
    void what_was_sealed_opens_unchanged(Encryption format, int size) throws IOException {
        byte[] content = Keys.content(size);

        assertThat(Sealed.of(format, content).open()).isEqualTo(content);
    }

    @ParameterizedTest
    @EnumSource(names = {"OPENPGP", "GPG", "AES_256_CBC"})
    void single_bytes_are_written_and_read_like_arrays(Encryption format) throws IOException {
        byte[] content = Keys.content(300);
        ByteArrayOutputStream stored = new ByteArrayOutputStream();
        Seal seal = Keys.seal(format);
        try (OutputStream body = seal.body(stored)) {
            for (byte single : content) {
                body.write(single);
            }
        }
        Sealed sealed = new Sealed(
                format, seal.sessionKeys(), stored.toByteArray(), seal.hmac().orElse(""));

        try (InputStream opened = sealed.stream()) {
            for (byte single : content) {
                assertThat(opened.read()).isEqualTo(single & 0xff);
            }
            assertThat(opened.read()).isEqualTo(-1);
            assertThat(opened.read(new byte[1])).isEqualTo(-1);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"OPENPGP", "GPG", "AES_256_CBC"})
    void the_end_is_reported_only_after_it_was_proven(Encryption format) throws IOException {
        Sealed sealed = Sealed.of(format, Keys.content(1000));
        byte[] body = sealed.body().clone();
        body[body.length - 1] ^= 1;

        assertThatExceptionOfType(Failure.class)
                .isThrownBy(() -> sealed.withBody(body).stream().skipNBytes(1001))
                .satisfies(failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.INTEGRITY));
    }

    @ParameterizedTest
    @EnumSource(names = {"OPENPGP", "GPG", "AES_256_CBC"})
    void the_same_content_is_never_sealed_the_same_way_twice(Encryption format) throws IOException {
        byte[] content = Keys.content(100);

        assertThat(Sealed.of(format, content).body())
                .isNotEqualTo(Sealed.of(format, content).body());
    }

    @ParameterizedTest
    @EnumSource(names = {"OPENPGP", "GPG", "AES_256_CBC"})
    void a_seal_is_used_once(Encryption format) {
        Seal seal = Keys.seal(format);
        seal.body(new ByteArrayOutputStream());

        assertThatIllegalStateException().isThrownBy(() -> seal.body(new ByteArrayOutputStream()));
    }

    @ParameterizedTest
    @EnumSource(names = {"OPENPGP", "GPG", "AES_256_CBC"})
    void closing_the_seal_closes_the_store_once(Encryption format) throws IOException {
        int[] closed = {0};
        OutputStream body = Keys.seal(format).body(new ByteArrayOutputStream() {
            @Override
            public void close() {
                closed[0]++;
            }
        });

        body.close();
        body.close();

        assertThat(closed[0]).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(names = {"OPENPGP", "GPG"})
    void every_recipient_can_open_and_no_one_else(Encryption format) throws IOException {
        Passphrase passphrase = Passphrase.of("another passphrase");
        KeyRing other = KeyRing.generate(passphrase, Instant.parse("2025-02-01T00:00:00Z"));
        byte[] content = Keys.content(1000);
        List<Certificate> further = List.of(other.certificate());
        Sealed shared = Sealed.of(
                format, format == GPG ? Seal.gpg(Keys.RING, further) : Seal.openpgp(Keys.RING, further), content);
        UnlockedKeyRing unlocked = other.unlock(passphrase);

        assertThat(shared.open()).isEqualTo(content);
        assertThat(unlocked.open(shared.sessionKeys(), new ByteArrayInputStream(shared.body()))
                        .readAllBytes())
                .isEqualTo(content);
        Sealed own = Sealed.of(format, content);
        assertThatExceptionOfType(Failure.class)
                .isThrownBy(() -> unlocked.open(own.sessionKeys(), new ByteArrayInputStream(own.body())))
                .withMessageContaining("not sealed to this key");
    }

    @ParameterizedTest
    @EnumSource(names = {"OPENPGP", "GPG"})
    void session_keys_of_another_artifact_do_not_open(Encryption format) throws IOException {
        Sealed one = Sealed.of(format, Keys.content(1000));
        Sealed other = Sealed.of(format, Keys.content(1000));

        assertThatItFails(one.withSessionKeys(other.sessionKeys()), "swapped session keys");
    }

    @Test
    void a_key_newer_than_the_clock_still_seals() throws IOException {
        Passphrase passphrase = Passphrase.of("another passphrase");
        KeyRing future = KeyRing.generate(passphrase, Instant.now().plus(1, ChronoUnit.DAYS));
        Sealed sealed = Sealed.of(OPENPGP, Seal.openpgp(future, List.of()), Keys.content(10));

        assertThat(future.unlock(passphrase)
                        .open(sealed.sessionKeys(), new ByteArrayInputStream(sealed.body()))
                        .readAllBytes())
                .isEqualTo(Keys.content(10));
    }

    @ParameterizedTest
    @EnumSource(names = {"OPENPGP", "GPG", "AES_256_CBC"})
    void an_error_of_the_store_at_the_very_end_is_not_lost(Encryption format) throws IOException {
        IOException full = new IOException("no space left on device");
        boolean[] ending = {false};
        boolean[] closed = {false};
        OutputStream body = Keys.seal(format).body(new OutputStream() {
            @Override
            public void write(int single) throws IOException {
                if (ending[0]) {
                    throw full;
                }
            }

            @Override
            public void close() {
                closed[0] = true;
            }
        });
        body.write(Keys.content(1000));
        ending[0] = true;

        assertThatIOException().isThrownBy(body::close).isSameAs(full);
        assertThat(closed[0]).isTrue();
    }

    @Test
    void a_body_of_the_other_format_does_not_open() throws IOException {
        Sealed strong = Sealed.of(OPENPGP, Keys.content(1000));
        Sealed compatible = Sealed.of(GPG, Keys.content(1000));

        assertThatItFails(strong.withBody(compatible.body()), "openpgp keys, gpg body");
        assertThatItFails(compatible.withBody(strong.body()), "gpg keys, openpgp body");
    }

    @Test
    void a_stored_body_of_openpgp_is_version_2_with_aes_256_gcm_and_256_kib_chunks() throws IOException {
        byte[] body = Sealed.of(OPENPGP, Keys.content(1_000_000)).body();

        int partialLengthOf64KiB = 0xf0;
        assertThat(Arrays.copyOf(body, 6))
                .isEqualTo(new byte[] {(byte) 0xd2, (byte) partialLengthOf64KiB, 2, 9, 3, 12});
    }

    @Test
    void a_failure_of_the_stream_below_passes_unchanged() throws IOException {
        Sealed sealed = Sealed.of(OPENPGP, Keys.content(1_000_000));
        Failure broken = Failure.running("the store broke", "mend it");
        InputStream half = new ByteArrayInputStream(sealed.body(), 0, 400_000) {
            @Override
            public int read(byte[] bytes, int offset, int length) {
                int count = super.read(bytes, offset, length);
                if (count < 0) {
                    throw broken;
                }
                return count;
            }
        };

        assertThatExceptionOfType(Failure.class)
                .isThrownBy(() -> Keys.UNLOCKED.open(sealed.sessionKeys(), half).readAllBytes())
                .isSameAs(broken);
    }

    static void assertThatItFails(Sealed damaged, String how) {
        assertThatExceptionOfType(Failure.class)
                .as(how)
                .isThrownBy(damaged::open)
                .satisfies(failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.INTEGRITY))
                .satisfies(failure -> assertThat(failure.hint()).isNotBlank());
    }
}
