package io.bactrian.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class SignatureTest {
    private static final byte[] CONTENT = "{\"id\":\"full_2025-01-01T02-00-00-000Z\"}".getBytes(StandardCharsets.UTF_8);
    private static final byte[] SIGNATURE = Keys.UNLOCKED.sign(CONTENT);

    @Test
    void a_signature_holds_for_its_content() {
        assertThatCode(() -> Keys.RING.verify(CONTENT, SIGNATURE)).doesNotThrowAnyException();
        assertThat(new String(SIGNATURE, StandardCharsets.US_ASCII)).startsWith("-----BEGIN PGP SIGNATURE-----\n");
    }

    @Test
    void a_binary_signature_holds_too() throws IOException {
        byte[] binary = Armor.unwrap(SIGNATURE).readAllBytes();

        assertThatCode(() -> Keys.RING.verify(CONTENT, binary)).doesNotThrowAnyException();
    }

    @Test
    void edited_content_is_refused() {
        for (int position = 0; position < CONTENT.length; position++) {
            byte[] edited = CONTENT.clone();
            edited[position] ^= 1;
            assertRefused(edited, SIGNATURE);
        }
        assertRefused(Arrays.copyOf(CONTENT, CONTENT.length - 1), SIGNATURE);
        assertRefused(Arrays.copyOf(CONTENT, CONTENT.length + 1), SIGNATURE);
    }

    @Test
    void a_foreign_signature_is_refused() {
        Passphrase passphrase = Passphrase.of("another passphrase");
        KeyRing foreign = KeyRing.generate(passphrase, Instant.parse("2025-01-01T02:00:00Z"));

        assertRefused(CONTENT, foreign.unlock(passphrase).sign(CONTENT));
    }

    @Test
    void anything_that_is_not_one_whole_signature_is_refused() throws IOException {
        byte[] binary = Armor.unwrap(SIGNATURE).readAllBytes();
        byte[] twice = Arrays.copyOf(binary, binary.length * 2);
        System.arraycopy(binary, 0, twice, binary.length, binary.length);

        assertRefused(CONTENT, new byte[0]);
        assertRefused(CONTENT, "no signature".getBytes(StandardCharsets.US_ASCII));
        assertRefused(CONTENT, CONTENT);
        assertRefused(CONTENT, twice);
        for (int length = 0; length < binary.length; length++) {
            assertRefused(CONTENT, Arrays.copyOf(binary, length));
        }
    }

    private static void assertRefused(byte[] content, byte[] signature) {
        assertThatExceptionOfType(Failure.class)
                .isThrownBy(() -> Keys.RING.verify(content, signature))
                .satisfies(failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.INTEGRITY));
    }
}
