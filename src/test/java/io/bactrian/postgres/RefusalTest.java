package io.bactrian.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RefusalTest {
    @ParameterizedTest
    @CsvSource({
        "28P01, PRECONDITION, password",
        "28000, PRECONDITION, pg_hba.conf",
        "3D000, PRECONDITION, psql -l",
        "08001, PRECONDITION, firewall",
        "08004, PRECONDITION, .pgpass",
        "08006, PRECONDITION, firewall",
        "57P03, PRECONDITION, try again",
        "57P01, PRECONDITION, try again",
        "53300, PRECONDITION, max_connections",
        "42501, PRECONDITION, sql/backup-role.sql",
        "55P03, PRECONDITION, pg_locks",
        "55006, PRECONDITION, pg_stat_activity",
        "25006, PRECONDITION, primary",
        "42P04, PRECONDITION, existing database",
        "53100, PRECONDITION, disk space",
        "22012, FAILED, log",
    })
    void each_sqlstate_has_its_exit_code_and_hint(String state, ExitCode exitCode, String hint) {
        Failure failure = Server.explain(new SQLException("the reason", state), "do it");
        assertThat(failure).hasMessage("Cannot do it: the reason");
        assertThat(failure.exitCode()).isEqualTo(exitCode);
        assertThat(failure.hint()).contains(hint);
    }

    @Test
    void an_error_without_a_state_or_a_reason_is_reported_all_the_same() {
        Failure failure = Server.explain(new SQLException((String) null), "do it");
        assertThat(failure).hasMessage("Cannot do it: no reason given");
        assertThat(failure.exitCode()).isEqualTo(ExitCode.FAILED);
    }

    @ParameterizedTest
    @CsvSource({
        "08001, true",
        "08006, true",
        "57P03, true",
        "08004, false",
        "28P01, false",
        "53300, false",
        "3D000, false"
    })
    void only_an_unreachable_or_starting_host_makes_way_for_the_next(String state, boolean next) {
        assertThat(Refusal.concernsOneHost(new SQLException("reason", state))).isEqualTo(next);
    }
}
