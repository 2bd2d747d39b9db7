package io.bactrian.acceptance;

import static io.bactrian.acceptance.Aftermath.assertRefused;
import static io.bactrian.acceptance.LoudFailure.assertDone;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.ExitCode;
import io.bactrian.postgres.Guardian;
import io.bactrian.postgres.TemporaryCluster;
import io.bactrian.postgres.Tools;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A chain that the server can no longer continue is closed on the spot, and one that it can goes on whatever became of the slot. */
@ExtendWith(Postgres.Shared.class)
class ContinuityIT {
    private static final String DATABASE = "continuity";
    private static final String DROP = "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots";

    @TempDir
    private Path folder;

    @BeforeAll
    static void a_server_that_bounds_its_slots(Postgres postgres) throws Exception {
        postgres.createDatabase(DATABASE);
        Slots.bound(postgres);
    }

    @AfterEach
    void nothing_is_left(Postgres postgres) throws Exception {
        Aftermath.assertNothingHalfMade(repository());
        Slots.dropAll(postgres);
        Slots.bound(postgres);
    }

    private Path repository() {
        return folder.resolve("repository");
    }

    private Program withChain(Postgres postgres) throws Exception {
        Program program = Program.of(repository(), postgres.backupUrl(DATABASE));
        assertDone(program.run("full"));
        return program;
    }

    private List<JsonNode> incrementals() throws Exception {
        return new StoredWal(repository()).incrementals();
    }

    /** Segments that nobody needs are gone after it. */
    private static void moveOn(Postgres postgres) throws Exception {
        postgres.sql(
                "postgres",
                "DO $$ BEGIN FOR i IN 1..4 LOOP PERFORM pg_logical_emit_message(false, 'test', 'x');"
                        + " PERFORM pg_switch_wal(); END LOOP; END $$",
                "CHECKPOINT");
    }

    private void assertClosed(Program program, Program.Outcome outcome, String reason) throws Exception {
        assertRefused(outcome, ExitCode.INTEGRITY, "ends at", reason, "bactrian full");
        assertThat(outcome.err()).contains("Alert: Failed: point-in-time recovery", ": the chain base_");
        JsonNode last = incrementals().get(incrementals().size() - 1);
        assertThat(last.at("/wal/closed").asText()).contains(reason);
        assertThat(last.at("/wal/start")).isEqualTo(last.at("/wal/end"));
        assertThat(last.at("/artifacts")).isEmpty();

        assertRefused(program.run("incremental"), ExitCode.PRECONDITION, "bactrian full");
        Program.Outcome next = program.run("full");
        assertDone(next);
        assertDone(program.run("incremental"));
        new StoredWal(repository()).assertUnbroken();
        assertThat(chains()).doesNotHaveDuplicates().hasSize(2);
    }

    private List<String> chains() throws Exception {
        return incrementals().stream()
                .map(manifest -> manifest.at("/wal/chain").asText())
                .distinct()
                .toList();
    }

    @Test
    void a_slot_that_was_dropped_is_made_anew_while_the_server_still_has_the_wal(Postgres postgres) throws Exception {
        Program program = withChain(postgres);
        postgres.sql("postgres", DROP);

        Program.Outcome outcome = program.run("incremental");

        assertDone(outcome);
        assertThat(outcome.err()).contains("Our replication slot was gone");
        assertThat(postgres.value("postgres", "SELECT restart_lsn FROM pg_replication_slots"))
                .isEqualTo(incrementals().get(1).at("/wal/end").asText());
        assertThat(chains()).hasSize(1);
        new StoredWal(repository()).assertUnbroken();
    }

    @Test
    void the_chain_is_closed_when_the_slot_was_dropped_and_the_wal_went_with_it(Postgres postgres) throws Exception {
        Program program = withChain(postgres);
        postgres.sql("postgres", DROP);
        moveOn(postgres);

        assertClosed(program, program.run("incremental"), "has already been removed");
    }

    @Test
    void the_chain_is_closed_when_somebody_moved_the_slot_and_the_wal_is_gone(Postgres postgres) throws Exception {
        Program program = withChain(postgres);
        postgres.sql(
                "postgres",
                "DO $$ BEGIN FOR i IN 1..4 LOOP PERFORM pg_logical_emit_message(false, 'test', 'x');"
                        + " PERFORM pg_switch_wal(); END LOOP; END $$",
                "SELECT pg_replication_slot_advance(slot_name, pg_current_wal_lsn()) FROM pg_replication_slots",
                "CHECKPOINT");

        assertClosed(
                program, program.run("incremental"), "has already been removed), as our replication slot was moved on");
    }

    @Test
    void the_chain_is_closed_when_the_server_gave_the_slot_up(Postgres postgres) throws Exception {
        Program program = withChain(postgres);
        postgres.sql("postgres", "ALTER SYSTEM SET max_slot_wal_keep_size = '16MB'", "SELECT pg_reload_conf()");
        moveOn(postgres);
        moveOn(postgres);
        assertThat(postgres.value("postgres", "SELECT wal_status FROM pg_replication_slots"))
                .isEqualTo("lost");
        Slots.bound(postgres);

        assertClosed(program, program.run("incremental"), "gave up our replication slot");
    }

    @Test
    void a_full_closes_a_broken_chain_by_itself_and_begins_a_new_one(Postgres postgres) throws Exception {
        Program program = withChain(postgres);
        postgres.sql("postgres", "ALTER SYSTEM SET max_slot_wal_keep_size = '16MB'", "SELECT pg_reload_conf()");
        moveOn(postgres);
        moveOn(postgres);
        Slots.bound(postgres);

        Program.Outcome full = program.run("full");

        assertDone(full);
        assertThat(full.err()).contains("Alert: Failed: point-in-time recovery", ": the chain base_");
        assertDone(program.run("incremental"));
        assertThat(incrementals().stream().filter(m -> m.at("/wal").has("closed")))
                .hasSize(1);
        assertThat(chains()).hasSize(2);
    }

    @Test
    void a_full_after_the_slot_was_dropped_and_the_wal_went_with_it_begins_a_new_chain_at_once(Postgres postgres)
            throws Exception {
        Program program = withChain(postgres);
        postgres.sql("postgres", DROP);
        moveOn(postgres);

        Program.Outcome full = program.run("full");

        assertDone(full);
        assertThat(full.err())
                .contains(
                        "Alert: Failed: point-in-time recovery",
                        ": the chain base_",
                        "has already been removed), as our replication slot was gone");
        assertThat(full.out()).contains("Point-in-time recovery: on, base_");
        assertDone(program.run("incremental"));
        assertThat(chains()).hasSize(2);
    }

    /** Even where the role may not look into the server's folder of WAL, it is found on arrival. */
    @Test
    void the_chain_is_closed_on_arrival_where_nothing_could_be_seen_before(Postgres postgres) throws Exception {
        Program program = withChain(postgres);
        postgres.sql(DATABASE, DROP, "REVOKE EXECUTE ON FUNCTION pg_ls_waldir() FROM pg_monitor");
        moveOn(postgres);
        try {
            assertRefused(program.run("incremental"), ExitCode.INTEGRITY, "ends at", "requested WAL segment");
        } finally {
            postgres.sql(DATABASE, "GRANT EXECUTE ON FUNCTION pg_ls_waldir() TO pg_monitor");
        }
    }

    @Test
    void the_chain_is_closed_when_another_cluster_answers_in_the_same_place() throws Exception {
        Tools tools = Tools.locateServer(Optional.empty());
        Path parent = Files.createTempDirectory("clusters");
        parent.toFile().setExecutable(true, false);
        Path place = parent.resolve("place");
        Map<String, String> settings = Map.of("wal_level", "replica", "max_slot_wal_keep_size", "1GB");
        try (Guardian guardian = new Guardian();
                TemporaryCluster one = TemporaryCluster.start(tools, parent, guardian, settings);
                TemporaryCluster other = TemporaryCluster.start(tools, parent, guardian, settings)) {
            Program program = Program.of(
                    repository(), "postgresql://postgres@" + place.toString().replace("/", "%2F") + "/postgres");
            Files.createSymbolicLink(place, sockets(one));
            assertDone(program.run("full"));
            Files.delete(place);
            Files.createSymbolicLink(place, sockets(other));

            Program.Outcome outcome = program.run("incremental");

            assertRefused(outcome, ExitCode.INTEGRITY, "another cluster answers there now", "bactrian full");
            assertThat(incrementals().get(1).at("/wal/closed").asText()).contains("system identifier");
            assertThat(incrementals().get(1).get("systemIdentifier"))
                    .isEqualTo(incrementals().get(0).get("systemIdentifier"));
            assertDone(program.run("full"));
            assertDone(program.run("incremental"));
        }
    }

    /** As the socket is named in its URL. */
    private static Path sockets(TemporaryCluster cluster) {
        return Path.of(cluster.url("postgres", "postgres")
                .replaceFirst(".*@", "")
                .replaceFirst(":.*", "")
                .replace("%2F", "/"));
    }
}
