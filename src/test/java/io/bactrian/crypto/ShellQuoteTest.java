package io.bactrian.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShellQuoteTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "plain.zst",
                "two words",
                "it's",
                "$(touch x)",
                "`x`",
                "a\nb",
                "*",
                "~",
                "#",
                "\\",
                "\"",
                "''",
                "æ 😀",
                "a;b",
                "!x",
                "{a,b}"
            })
    void a_shell_reads_back_the_very_word(String word) throws IOException {
        Process shell = new ProcessBuilder("sh", "-c", "printf %s " + ShellQuote.quote(word)).start();

        assertThat(new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEqualTo(word);
    }

    @Test
    void plain_words_stay_readable() {
        assertThat(ShellQuote.quote("../../keys/0a.secret.asc")).isEqualTo("../../keys/0a.secret.asc");
    }

    @Test
    void a_file_is_never_an_option() {
        assertThat(ShellQuote.file("-rf")).isEqualTo("./-rf");
        assertThat(ShellQuote.file("- x")).isEqualTo("'./- x'");
    }
}
