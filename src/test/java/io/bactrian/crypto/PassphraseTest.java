package io.bactrian.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PassphraseTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "eleven char",
                "😀😁😂🤣😃😄😅😆",
                "abcdabcdabcdabcd",
                "aaaaaaaaaaaaaaaaaaaaaaaa",
                "a passphrase with\na line break",
                "a passphrase with\0"
            })
    void a_weak_or_unusable_passphrase_is_refused(String weak) {
        assertThatExceptionOfType(Failure.class)
                .isThrownBy(() -> Passphrase.of(weak))
                .withMessageStartingWith("BACKUP_ENCRYPTION_KEY ")
                .satisfies(failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.USAGE))
                .satisfies(failure -> assertThat(failure.hint()).contains("openssl rand -base64 24"))
                .satisfies(failure -> assertThat(
                                weak.isEmpty() || !failure.toString().contains(weak))
                        .isTrue());
    }

    @ParameterizedTest
    @ValueSource(strings = {"twelve chars", "Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5", "пароль из двенадцати"})
    void a_long_and_varied_passphrase_is_accepted(String strong) {
        assertThat(Passphrase.of(strong).characters()).containsExactly(strong.toCharArray());
    }

    @Test
    void a_passphrase_does_not_print() {
        assertThat(Passphrase.of("twelve chars")).hasToString("Passphrase[hidden]");
    }
}
