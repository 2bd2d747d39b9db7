package io.bactrian.acceptance;

import static io.bactrian.acceptance.Aftermath.assertRefused;
import static io.bactrian.acceptance.LoudFailure.assertDone;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.ExitCode;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** While a base is taken, others go on: incrementals of the same chain, and bases of other repositories. */
@ExtendWith(Postgres.Shared.class)
class BesideABaseIT {
    private static final String DATABASE = "busy";
    private static final String RESTART = "SELECT restart_lsn FROM pg_replication_slots";

    @TempDir
    private Path folder;

    private final ChildProcesses children = new ChildProcesses();

    @BeforeAll
    static void a_server_that_bounds_its_slots(Postgres postgres) throws Exception {
        Slots.bound(postgres);
        postgres.createDatabase(DATABASE);
        postgres.sql(DATABASE, "CREATE TABLE caravan AS SELECT 1 AS id");
    }

    @AfterEach
    void nothing_runs_and_no_slot_is_left(Postgres postgres) throws Exception {
        children.assertAllEnded();
        Slots.dropAll(postgres);
    }

    private Program program(Postgres postgres, String repository) {
        return children.of(Program.of(folder.resolve(repository), postgres.backupUrl(DATABASE)));
    }

    @Test
    void an_incremental_beside_the_base_of_another_process_leaves_the_slot_where_that_began(Postgres postgres)
            throws Exception {
        Program program = program(postgres, "one");
        assertDone(program.run("full", "--no-test"));
        Process full = program.start("full");
        Program.Running base = Program.Running.of(full);
        ChildProcesses.Marked copy = children.await("pg_basebackup", full);
        copy.signal("STOP");
        String held = postgres.value("postgres", RESTART);
        postgres.sql(DATABASE, "INSERT INTO caravan VALUES (2)");

        Program.Outcome beside = program.run("incremental");
        assertDone(beside);
        assertThat(beside.err()).contains("A base is running: the slot stays for it");
        assertThat(postgres.value("postgres", RESTART)).isEqualTo(held);
        assertRefused(program.run("full"), ExitCode.BUSY, "another full run");

        copy.signal("CONT");
        assertDone(base.outcome());
        assertDone(program.run("incremental"));
        StoredWal stored = new StoredWal(folder.resolve("one"));
        stored.assertUnbroken();
        stored.assertOneChain();
        assertThat(stored.bases()).hasSize(2);
        assertDone(program.run("test", "latest"));
    }

    @Test
    void two_fulls_with_bases_into_two_repositories_do_not_disturb_each_other(Postgres postgres) throws Exception {
        Process one = program(postgres, "one").start("full");
        Program.Running first = Program.Running.of(one);
        ChildProcesses.Marked copy = children.await("pg_basebackup", one);
        copy.signal("STOP");
        Program.Outcome second = program(postgres, "two").run("full");
        copy.signal("CONT");

        assertDone(first.outcome());
        assertDone(second);
        assertThat(postgres.value("postgres", "SELECT count(*) FROM pg_replication_slots"))
                .isEqualTo("2");
        for (String repository : new String[] {"one", "two"}) {
            assertDone(program(postgres, repository).run("incremental"));
            new StoredWal(folder.resolve(repository)).assertUnbroken();
        }
    }
}
