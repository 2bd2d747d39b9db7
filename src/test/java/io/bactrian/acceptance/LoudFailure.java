package io.bactrian.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.acceptance.Program.Outcome;

/** What every failure owes its user: exit code, what and why, what to do next, and no stack trace. */
final class LoudFailure {
    private LoudFailure() {}

    static void assertFailed(Outcome outcome, int exitCode, String... words) {
        assertThat(outcome.exitCode()).as(outcome.toString()).isEqualTo(exitCode);
        assertThat(outcome.message()).contains("Error: ", "Hint: ").contains(words);
        assertThat(outcome.out() + outcome.err()).doesNotContain("\tat ", Program.PASSPHRASE, Postgres.PASSWORD);
    }

    static void assertDone(Outcome outcome) {
        assertThat(outcome.exitCode()).as(outcome.toString()).isZero();
        assertThat(outcome.out() + outcome.err()).doesNotContain("\tat ", Program.PASSPHRASE, Postgres.PASSWORD);
    }
}
