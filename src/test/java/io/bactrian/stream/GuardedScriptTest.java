package io.bactrian.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GuardedScriptTest {
    private static final String WHOLE = """
            --
            -- PostgreSQL database dump
            --
            CREATE TABLE public.log (sql text, at int);
            COPY public.log (sql, at) FROM stdin;
            DROP DATABASE x\t1
            CREATE DATABASE y\t2
            \\\\connect z\t3
            -- PostgreSQL database dump complete\t4
            \\.
            SELECT 1;
            --
            -- PostgreSQL database dump complete
            --
            """;

    @Test
    void rows_that_look_like_commands_pass() throws IOException {
        assertThat(read(WHOLE)).isEqualTo(WHOLE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\\connect old", "\\c old", "DROP DATABASE old;", "CREATE DATABASE old;"})
    void a_line_that_leaves_the_database_is_refused_also_after_rows(String line) {
        String leaving = WHOLE.replace("SELECT 1;", line);

        assertFails(ExitCode.PRECONDITION, leaving, "would leave the database");
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 60, 120, 200, 250, 300})
    void a_script_that_is_cut_short_is_no_script(int length) {
        String cut = "-- PostgreSQL database dump\n" + WHOLE.substring(0, Math.min(length, WHOLE.length() - 30));

        assertFails(ExitCode.INTEGRITY, cut, "cut short");
    }

    @Test
    void a_script_by_hand_needs_no_end_marker_but_content() throws IOException {
        assertThat(read("SELECT 1")).isEqualTo("SELECT 1");
        assertFails(ExitCode.INTEGRITY, "", "empty");
        assertFails(ExitCode.INTEGRITY, "COPY t (a) FROM stdin;\n1\n2", "cut short");
    }

    private static void assertFails(ExitCode exitCode, String script, String message) {
        assertThatThrownBy(() -> read(script))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.exitCode()).isEqualTo(exitCode));
        assertThatThrownBy(() -> read(script)).hasMessageContaining(message);
    }

    private static String read(String script) throws IOException {
        try (GuardedScript guarded =
                new GuardedScript(new ByteArrayInputStream(script.getBytes(StandardCharsets.UTF_8)))) {
            return new String(guarded.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
