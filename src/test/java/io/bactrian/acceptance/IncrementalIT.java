package io.bactrian.acceptance;

import static io.bactrian.acceptance.Aftermath.assertRefused;
import static io.bactrian.acceptance.LoudFailure.assertDone;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
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

/** The WAL that a server writes comes into the repository whole and once, with the least-privilege role. */
@ExtendWith(Postgres.Shared.class)
class IncrementalIT {
    private static final String DATABASE = "incremental";
    /** More than fit into one round of pg_receivewal. */
    private static final int MANY_SEGMENTS = 70;

    @TempDir
    private Path folder;

    private final ChildProcesses children = new ChildProcesses();

    @BeforeAll
    static void a_server_that_bounds_its_slots(Postgres postgres) throws Exception {
        postgres.createDatabase(DATABASE);
        postgres.sql(DATABASE, "CREATE TABLE written (i int)");
        postgres.sql("postgres", "ALTER SYSTEM SET max_slot_wal_keep_size = '4GB'", "SELECT pg_reload_conf()");
    }

    @BeforeEach
    void the_role_is_as_documented(Postgres postgres) throws Exception {
        postgres.allowBackupsOf(DATABASE);
    }

    @AfterEach
    void nothing_is_left(Postgres postgres) throws Exception {
        children.assertAllEnded();
        Aftermath.assertNothingHalfMade(repository());
        Slots.dropAll(postgres);
    }

    private Path repository() {
        return folder.resolve("repository");
    }

    private Program program(Postgres postgres) {
        return children.of(Program.of(repository(), postgres.backupUrl(DATABASE)));
    }

    private List<JsonNode> incrementals() throws Exception {
        return new StoredWal(repository()).incrementals();
    }

    @Test
    void without_a_base_it_says_how_to_get_one(Postgres postgres) throws Exception {
        assertRefused(program(postgres).run("incremental"), ExitCode.PRECONDITION, "no base", "bactrian full");
        assertDone(program(postgres).with("BACKUP_PITR", "off").run("full"));
        assertRefused(program(postgres).run("incremental"), ExitCode.PRECONDITION, "no base", "bactrian full");
    }

    @Test
    void an_idle_server_gives_a_valid_incremental_each_time(Postgres postgres) throws Exception {
        Program program = program(postgres);
        assertDone(program.run("full"));

        Program.Outcome first = program.run("incremental");
        assertDone(first);
        assertDone(program.run("incremental"));

        assertThat(first.out())
                .contains("Incremental backup incremental_", "Chain: base_", " segment of WAL", "Range: ", "timeline 1")
                .contains("Recovery window ends: ", "Tested: ");
        new StoredWal(repository()).assertUnbroken();
        assertThat(incrementals())
                .hasSize(3)
                .allSatisfy(manifest ->
                        assertThat(manifest.at("/wal/cut/marker").asText()).isNotEmpty());
        assertThat(postgres.value("postgres", "SELECT restart_lsn FROM pg_replication_slots"))
                .as("the server need not keep what is stored")
                .isEqualTo(incrementals().get(2).at("/wal/end").asText());
        assertThat(Files.readString(repository().resolve("history.jsonl"))).contains("\"activity\":\"incremental\"");
        assertThat(Aftermath.entries(repository().resolve(".spool/incremental")))
                .isEmpty();
    }

    @Test
    void what_was_written_in_many_segments_is_stored_in_rounds(Postgres postgres) throws Exception {
        Program program = program(postgres);
        assertDone(program.run("full"));
        write(postgres, MANY_SEGMENTS);

        assertDone(program.run("incremental"));

        StoredWal stored = new StoredWal(repository());
        stored.assertUnbroken();
        assertThat(stored.segments(incrementals().get(1))).hasSizeGreaterThanOrEqualTo(MANY_SEGMENTS);
    }

    private static void write(Postgres postgres, int segments) throws Exception {
        postgres.sql(
                DATABASE,
                "DO $$ BEGIN FOR i IN 1.." + segments
                        + " LOOP PERFORM pg_logical_emit_message(false, 'test', 'x'); PERFORM pg_switch_wal(); END LOOP; END $$");
    }

    @Test
    void a_segment_that_was_damaged_on_the_way_is_refused_and_fetched_again(Postgres postgres) throws Exception {
        Program program = program(postgres);
        assertDone(program.run("full"));
        for (String damage : List.of(
                "truncate -s 1000 \"$f\"",
                "printf X | dd of=\"$f\" bs=1 seek=24 conv=notrunc 2>/dev/null",
                "cp /etc/passwd \"$f\"")) {
            ToolFolder damaging = ToolFolder.in(Files.createTempDirectory(folder, "tools"))
                    .replace("pg_receivewal", "$REAL \"$@\" || exit; f=$(ls | grep -v '[.]' | tail -n 1); " + damage);

            assertRefused(damaging.of(program).run("incremental"), ExitCode.INTEGRITY, "00000001");

            assertThat(incrementals()).hasSize(1);
        }
        assertDone(program.run("incremental"));
        new StoredWal(repository()).assertUnbroken();
        assertThat(incrementals()).hasSize(2);
    }

    @Test
    void a_segment_that_is_left_out_is_refused(Postgres postgres) throws Exception {
        Program program = program(postgres);
        assertDone(program.run("full"));
        write(postgres, 3);
        ToolFolder losing = ToolFolder.in(folder.resolve("tools"))
                .replace("pg_receivewal", "$REAL \"$@\" || exit; rm \"$(ls | grep -v '[.]' | sed -n 3p)\"");

        assertRefused(losing.of(program).run("incremental"), ExitCode.INTEGRITY, "arrived where the segment after");

        assertDone(program.run("incremental"));
        new StoredWal(repository()).assertUnbroken();
    }

    @Test
    void two_at_once_are_refused(Postgres postgres) throws Exception {
        Program program = program(postgres);
        assertDone(program.run("full"));
        Path go = folder.resolve("go");
        ToolFolder waiting = ToolFolder.in(folder.resolve("tools"))
                .replace("pg_receivewal", "while [ ! -e " + go + " ]; do sleep 0.1; done; exec $REAL \"$@\"");
        Process first = waiting.of(program).start("incremental");
        Program.Running running = Program.Running.of(first);
        children.await("sh", first);
        await().until(() ->
                children.alive().stream().anyMatch(p -> p.commandLine().contains("pg_receivewal")));

        assertRefused(program.run("incremental"), ExitCode.BUSY, "another incremental run");

        Files.createFile(go);
        assertDone(running.outcome());
        assertThat(incrementals()).hasSize(2);
    }

    @Test
    void what_the_role_lacks_is_named_with_its_grant(Postgres postgres) throws Exception {
        Program program = program(postgres);
        assertDone(program.run("full"));

        postgres.sql(DATABASE, "REVOKE EXECUTE ON FUNCTION pg_switch_wal() FROM bactrian");
        assertRefused(
                program.run("incremental"),
                ExitCode.PRECONDITION,
                "database incremental",
                "GRANT EXECUTE ON FUNCTION pg_switch_wal() TO \"bactrian\"");
        postgres.sql(DATABASE, "ALTER ROLE bactrian NOREPLICATION");
        assertRefused(program.run("incremental"), ExitCode.PRECONDITION, "ALTER ROLE \"bactrian\" REPLICATION");

        postgres.allowBackupsOf(DATABASE);
        assertDone(program.run("incremental"));
        new StoredWal(repository()).assertUnbroken();
    }

    @Test
    void a_server_that_keeps_too_much_for_us_is_freed_when_nothing_can_be_stored(Postgres postgres) throws Exception {
        Program program = program(postgres).with("BACKUP_SLOT_MAX_WAL", "64MB");
        assertDone(program.run("full"));
        ToolFolder failing =
                ToolFolder.in(folder.resolve("tools")).replace("pg_receivewal", "echo no luck >&2; exit 1");

        Program.Outcome early = failing.of(program).run("incremental");
        assertRefused(early, ExitCode.FAILED, "no luck");
        assertThat(early.err()).doesNotContain("the replication slot bactrian_");
        assertThat(slots(postgres)).isEqualTo("1");
        write(postgres, 6);

        Program.Outcome late = failing.of(program).run("incremental");
        assertRefused(late, ExitCode.FAILED, "no luck");
        assertThat(late.err())
                .contains(
                        "Alert: Failed: point-in-time recovery",
                        ": the replication slot bactrian_",
                        "BACKUP_SLOT_MAX_WAL");
        assertThat(slots(postgres)).isEqualTo("0");

        postgres.sql("postgres", "CHECKPOINT");
        assertRefused(program.run("incremental"), ExitCode.INTEGRITY, "bactrian full");
        assertDone(program.run("full"));
        assertDone(program.run("incremental"));
        new StoredWal(repository()).assertUnbroken();
    }

    private static String slots(Postgres postgres) throws Exception {
        return postgres.value("postgres", "SELECT count(*) FROM pg_replication_slots");
    }
}
