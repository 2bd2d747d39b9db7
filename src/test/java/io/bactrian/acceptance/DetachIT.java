package io.bactrian.acceptance;

import static io.bactrian.acceptance.Aftermath.assertRefused;
import static io.bactrian.acceptance.LoudFailure.assertDone;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.ExitCode;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Point-in-time recovery can be ended, and leaves nothing on the server. */
@ExtendWith(Postgres.Shared.class)
class DetachIT {
    private static final String DATABASE = "detach";
    private static final String SLOTS = "SELECT count(*) FROM pg_replication_slots";

    @TempDir
    private Path folder;

    private Program program;

    @BeforeEach
    void a_chain(Postgres postgres) throws Exception {
        postgres.createDatabase(DATABASE);
        Slots.bound(postgres);
        program = Program.of(folder.resolve("repository"), postgres.backupUrl(DATABASE));
        assertDone(program.run("full"));
    }

    @AfterEach
    void no_slot_is_left(Postgres postgres) throws Exception {
        Slots.dropAll(postgres);
    }

    private String closed() throws Exception {
        var incrementals = new StoredWal(folder.resolve("repository")).incrementals();
        return incrementals.get(incrementals.size() - 1).at("/wal/closed").asText();
    }

    @Test
    void the_chain_is_closed_and_the_slot_is_gone(Postgres postgres) throws Exception {
        Program.Outcome detached = program.run("detach");

        assertDone(detached);
        assertThat(detached.out()).contains("Closed the chain base_", "Dropped the replication slot bactrian_");
        assertThat(closed()).isEqualTo("detached");
        assertThat(postgres.value("postgres", SLOTS)).isEqualTo("0");
        assertThat(Files.readString(folder.resolve("repository/history.jsonl"))).contains("\"activity\":\"detach\"");

        assertRefused(program.run("incremental"), ExitCode.PRECONDITION, "bactrian full");
        Program.Outcome again = program.run("detach");
        assertDone(again);
        assertThat(again.out()).contains("There was no open chain", "There was no replication slot");

        assertDone(program.run("full"));
        assertDone(program.run("incremental"));
    }

    @Test
    void it_works_when_the_server_is_gone(Postgres postgres) throws Exception {
        Program.Outcome detached = program.with("DATABASE_URL", "postgresql://bactrian@127.0.0.1:1/detach")
                .run("detach");

        assertDone(detached);
        assertThat(detached.out())
                .contains(
                        "Closed the chain base_", "could not be dropped", "SELECT pg_drop_replication_slot('bactrian_");
        assertThat(closed()).isEqualTo("detached");
        assertThat(postgres.value("postgres", SLOTS)).isEqualTo("1");
    }

    @Test
    void without_a_repository_it_does_nothing(Postgres postgres) throws Exception {
        assertRefused(
                program.with("BACKUP_DIR", folder.resolve("none").toString()).run("detach"),
                ExitCode.PRECONDITION,
                "no repository");
        assertThat(folder.resolve("none/repository.json")).doesNotExist();
    }
}
