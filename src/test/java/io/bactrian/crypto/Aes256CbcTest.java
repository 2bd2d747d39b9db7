package io.bactrian.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class Aes256CbcTest {
    private static final Passphrase WRONG = Passphrase.of("not the passphrase");

    @Test
    void stored_bytes_begin_with_the_header_of_openssl() throws IOException {
        byte[] body = Sealed.of(Encryption.AES_256_CBC, new byte[100]).body();

        assertThat(new String(body, 0, 8, StandardCharsets.US_ASCII)).isEqualTo("Salted__");
        assertThat(body).hasSize(16 + 112);
    }

    @Test
    void the_hmac_is_checked_without_decrypting() throws IOException {
        Sealed sealed = Sealed.of(Encryption.AES_256_CBC, Keys.content(100_000));

        assertThatCode(() -> Aes256Cbc.verify(Keys.PASSPHRASE, sealed.hmac(), stored(sealed)))
                .doesNotThrowAnyException();
        assertDamaged(() -> Aes256Cbc.verify(Keys.PASSPHRASE, "0".repeat(64), stored(sealed)));
        assertDamaged(() -> Aes256Cbc.verify(Keys.PASSPHRASE, "", stored(sealed)));
        assertDamaged(() -> Aes256Cbc.verify(WRONG, sealed.hmac(), stored(sealed)));
        assertDamaged(() ->
                Aes256Cbc.verify(Keys.PASSPHRASE, sealed.hmac(), new ByteArrayInputStream(sealed.body(), 0, 99_000)));
    }

    @Test
    void a_wrong_passphrase_or_hmac_does_not_open() throws IOException {
        Sealed sealed = Sealed.of(Encryption.AES_256_CBC, Keys.content(100_000));

        assertDamaged(() -> Aes256Cbc.open(WRONG, sealed.hmac(), stored(sealed)).readAllBytes());
        assertDamaged(() ->
                Aes256Cbc.open(Keys.PASSPHRASE, "0".repeat(64), stored(sealed)).readAllBytes());
    }

    private static ByteArrayInputStream stored(Sealed sealed) {
        return new ByteArrayInputStream(sealed.body());
    }

    private static void assertDamaged(ThrowingCallable opening) {
        assertThatExceptionOfType(Failure.class)
                .isThrownBy(opening)
                .satisfies(failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.INTEGRITY))
                .satisfies(failure -> assertThat(failure.hint()).contains("passphrase"));
    }
}
