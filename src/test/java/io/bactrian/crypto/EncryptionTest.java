package io.bactrian.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class EncryptionTest {
    private static final String FINGERPRINT = "0123456789abcdef0123456789abcdef01234567";

    @ParameterizedTest
    @EnumSource
    void a_format_is_found_by_its_label(Encryption format) {
        assertThat(Encryption.named(format.label())).isEqualTo(format);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "aes", "OPENPGP", "AES_256_CBC"})
    void an_unknown_format_is_refused_with_the_known_ones(String unknown) {
        assertThatExceptionOfType(Failure.class)
                .isThrownBy(() -> Encryption.named(unknown))
                .satisfies(failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.USAGE))
                .satisfies(failure -> assertThat(failure.hint()).contains("none, openpgp, gpg, aes-256-cbc"));
    }

    @Test
    void each_format_tells_how_it_is_opened_without_bactrian() {
        assertThat(Encryption.NONE.openCommand("d.zst", "../../keys", FINGERPRINT))
                .isEqualTo("cat d.zst");
        assertThat(Encryption.OPENPGP.openCommand("d.zst.pgp", "../../keys", FINGERPRINT))
                .isEqualTo("cat d.zst.pgp.key d.zst.pgp | sq decrypt --recipient-file ../../keys/" + FINGERPRINT
                        + ".secret.asc");
        assertThat(Encryption.GPG.openCommand("d.zst.gpg", "../../keys", FINGERPRINT))
                .isEqualTo("gpg --batch --import ../../keys/" + FINGERPRINT
                        + ".secret-gpg.asc && cat d.zst.gpg.key d.zst.gpg | gpg --decrypt");
        assertThat(Encryption.AES_256_CBC.openCommand("d.zst.enc", "../../keys", FINGERPRINT))
                .isEqualTo("openssl enc -d -aes-256-cbc -pbkdf2 -iter 200000 -md sha256"
                        + " -pass env:BACKUP_ENCRYPTION_KEY -in d.zst.enc");
    }

    @Test
    void file_names_are_quoted_for_the_shell() {
        assertThat(Encryption.NONE.openCommand("it's $(here)", "../../keys", ""))
                .isEqualTo("cat 'it'\\''s $(here)'");
        assertThat(Encryption.NONE.openCommand("-rf", "../../keys", "")).isEqualTo("cat ./-rf");
    }
}
