package io.bactrian.acceptance;

import static io.bactrian.acceptance.Aftermath.assertRefused;
import static io.bactrian.acceptance.LoudFailure.assertDone;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.ExitCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** BACKUP_PITR: with {@code auto} a server that does not allow it gets no base, and is told why; with {@code on} that is an error. */
@ExtendWith(Postgres.Shared.class)
class PitrModeIT {
    private static final String DATABASE = "moody";

    @TempDir
    private Path folder;

    @BeforeAll
    static void a_database(Postgres postgres) throws Exception {
        postgres.createDatabase(DATABASE);
        postgres.sql(DATABASE, "CREATE TABLE caravan AS SELECT 1 AS id");
    }

    @BeforeEach
    void a_server_that_allows_it(Postgres postgres) throws Exception {
        Slots.bound(postgres);
        postgres.allowBackupsOf(DATABASE);
    }

    @AfterEach
    void no_slot(Postgres postgres) throws Exception {
        Slots.dropAll(postgres);
    }

    private Program program(Postgres postgres) {
        return Program.of(folder.resolve("repository"), postgres.backupUrl(DATABASE));
    }

    private List<Path> bases() throws Exception {
        return Aftermath.entries(folder.resolve("repository/base"));
    }

    private List<Path> fulls() throws Exception {
        return Aftermath.entries(folder.resolve("repository/full"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ALTER ROLE bactrian NOREPLICATION | the role bactrian may not replicate | ALTER ROLE bactrian REPLICATION;",
                "REVOKE EXECUTE ON FUNCTION pg_switch_wal() FROM bactrian"
                        + " | may not finish a WAL segment in the database moody"
                        + " | GRANT EXECUTE ON FUNCTION pg_switch_wal() TO bactrian;",
            })
    void what_the_role_lacks_turns_it_off_or_is_an_error_that_names_the_grant(
            String change, String why, String hint, Postgres postgres) throws Exception {
        postgres.sql(DATABASE, change);
        assertOffAndRefused(postgres, why, hint);
    }

    @Test
    void a_role_that_pg_hba_does_not_admit_for_replication_turns_it_off_or_is_an_error(Postgres postgres)
            throws Exception {
        Path rules = Path.of(postgres.value("postgres", "SHOW hba_file"));
        String before = Files.readString(rules);
        Files.writeString(rules, before.replace("all,replication", "all"));
        postgres.sql("postgres", "SELECT pg_reload_conf()");
        try {
            assertOffAndRefused(postgres, "does not admit replication connections of bactrian", "pg_hba.conf");
        } finally {
            Files.writeString(rules, before);
            postgres.sql("postgres", "SELECT pg_reload_conf()");
        }
    }

    private void assertOffAndRefused(Postgres postgres, String why, String hint) throws Exception {
        Program.Outcome auto = program(postgres).run("full", "--no-test");
        assertDone(auto);
        assertThat(auto.out()).contains("Point-in-time recovery: off: ", why, hint);
        assertThat(bases()).isEmpty();
        Program.Outcome check = program(postgres).run("check");
        assertDone(check);
        assertThat(check.out()).contains("info  pitr", why, hint);

        Program on = program(postgres).with("BACKUP_PITR", "on");
        assertRefused(on.run("full"), ExitCode.PRECONDITION, why, hint);
        assertThat(fulls()).as("the dump is kept all the same").hasSize(2);
        assertThat(bases()).isEmpty();
        Program.Outcome refusal = on.run("check");
        assertThat(refusal.exitCode()).isEqualTo(ExitCode.PRECONDITION.number());
        assertThat(refusal.out()).contains("FAIL  pitr", why, hint);
    }

    @Test
    void a_server_that_does_not_bound_its_slots_gets_a_base_only_if_it_is_asked_for(Postgres postgres)
            throws Exception {
        Slots.unbound(postgres);
        Program.Outcome auto = program(postgres).run("full", "--no-test");
        assertDone(auto);
        assertThat(auto.out()).contains("max_slot_wal_keep_size is -1", "ALTER SYSTEM SET max_slot_wal_keep_size");
        assertThat(bases()).isEmpty();
        assertThat(postgres.value("postgres", "SELECT count(*) FROM pg_replication_slots"))
                .isEqualTo("0");

        Program.Outcome on = program(postgres).with("BACKUP_PITR", "on").run("full", "--no-test");
        assertDone(on);
        assertThat(bases()).hasSize(1);
        assertThat(postgres.value(
                        "postgres", "SELECT wal_status FROM pg_replication_slots WHERE slot_name ~ '^bactrian_'"))
                .isEqualTo("reserved");
    }

    @Test
    void off_takes_no_base_and_asks_nothing_of_the_server(Postgres postgres) throws Exception {
        Program off = program(postgres).with("BACKUP_PITR", "off");
        Program.Outcome full = off.run("full", "--no-test");
        assertDone(full);
        assertThat(full.out()).contains("Point-in-time recovery: off: BACKUP_PITR is off\n");
        assertThat(bases()).isEmpty();
        assertThat(off.run("check").out()).contains("ok    pitr          off by BACKUP_PITR");
    }

    @Test
    void check_tells_what_there_is(Postgres postgres) throws Exception {
        Program.Outcome before = program(postgres).run("check");
        assertDone(before);
        assertThat(before.out())
                .contains(
                        "ok    pitr          on; the role may replicate",
                        "wal_level logical, max_wal_senders 10, max_slot_wal_keep_size 1.00 GB",
                        "no replication slot yet",
                        " of WAL on the server, ",
                        " free beside it");
        assertDone(program(postgres).run("full", "--no-test"));
        assertThat(program(postgres).run("check").out())
                .containsPattern("slot bactrian_[0-9a-f]{10} is reserved and holds back");
    }

    @Test
    void a_slot_that_lost_its_log_is_named_by_check(Postgres postgres) throws Exception {
        assertDone(program(postgres).run("full", "--no-test"));
        postgres.sql("postgres", "ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'", "SELECT pg_reload_conf()");
        for (int i = 0; i < 4; i++) {
            postgres.sql("postgres", "SELECT pg_switch_wal()", "CREATE TABLE t ()", "DROP TABLE t", "CHECKPOINT");
        }
        Program.Outcome check = program(postgres).run("check");
        assertThat(check.out()).contains("FAIL  pitr", "has lost WAL", "`bactrian full` starts a new chain");
        assertThat(check.exitCode()).isEqualTo(ExitCode.PRECONDITION.number());
    }
}
