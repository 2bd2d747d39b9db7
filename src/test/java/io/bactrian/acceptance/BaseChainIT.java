package io.bactrian.acceptance;

import static io.bactrian.acceptance.Aftermath.assertRefused;
import static io.bactrian.acceptance.LoudFailure.assertDone;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.ExitCode;
import io.bactrian.postgres.Guardian;
import io.bactrian.postgres.TemporaryCluster;
import io.bactrian.postgres.TemporaryDirectory;
import io.bactrian.postgres.Tools;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Which chain a base belongs to, when one is due, and which server it comes from. */
@ExtendWith(Postgres.Shared.class)
class BaseChainIT {
    private static final String DATABASE = "chained";

    @TempDir
    private Path folder;

    @BeforeAll
    static void a_database(Postgres postgres) throws Exception {
        postgres.createDatabase(DATABASE);
        postgres.sql(DATABASE, "CREATE TABLE caravan AS SELECT 1 AS id");
    }

    @BeforeEach
    void a_server_that_bounds_its_slots(Postgres postgres) throws Exception {
        Slots.bound(postgres);
    }

    @AfterEach
    void no_slot(Postgres postgres) throws Exception {
        Slots.dropAll(postgres);
    }

    private Path repository() {
        return folder.resolve("repository");
    }

    private Program program(Postgres postgres) {
        return Program.of(repository(), postgres.backupUrl(DATABASE));
    }

    private JsonNode fullWithBase(Program program) throws Exception {
        Program.Outcome full = program.run("full", "--no-test");
        assertDone(full);
        return Stored.base(repository(), full.backupId()).manifest();
    }

    private static String chain(JsonNode base) {
        return base.get("physical").get("chain").asText();
    }

    @Test
    void a_second_base_joins_the_chain_and_is_taken_only_when_it_is_due(Postgres postgres) throws Exception {
        Program program = program(postgres);
        JsonNode first = fullWithBase(program);
        assertThat(chain(first)).isEqualTo(first.get("id").asText());

        Program.Outcome between = program.with("BACKUP_BASE_EVERY", "7d").run("full", "--no-test");
        assertDone(between);
        assertThat(between.out())
                .contains("Point-in-time recovery: on, " + first.get("id").asText()
                        + " is younger than BACKUP_BASE_EVERY=7d");
        assertThat(Stored.in(repository(), between.backupId()).manifest().has("base"))
                .isFalse();

        JsonNode second = fullWithBase(program);
        assertThat(second.get("id")).isNotEqualTo(first.get("id"));
        assertThat(chain(second)).isEqualTo(chain(first));
        assertDone(program.run("incremental"));
    }

    @Test
    void a_chain_that_cannot_go_on_is_closed_and_the_full_begins_a_new_one(Postgres postgres) throws Exception {
        Program program = program(postgres).with("BACKUP_BASE_EVERY", "7d");
        JsonNode first = fullWithBase(program);
        postgres.sql("postgres", "ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'", "SELECT pg_reload_conf()");
        for (int i = 0; i < 4; i++) {
            postgres.sql("postgres", "CREATE TABLE t ()", "DROP TABLE t", "SELECT pg_switch_wal()", "CHECKPOINT");
        }
        Slots.bound(postgres);

        Program.Outcome full = program.run("full", "--no-test");
        assertDone(full);
        assertThat(full.err()).contains("the chain " + chain(first) + " ends at");
        JsonNode second = Stored.base(repository(), full.backupId()).manifest();
        assertThat(chain(second))
                .as("due, whatever its age")
                .isEqualTo(second.get("id").asText());
        assertDone(program.run("incremental"));
    }

    @Test
    void from_a_standby_the_base_comes_from_the_primary_or_is_refused(Postgres postgres) throws Exception {
        Tools tools = Tools.locateServer(Optional.empty());
        Path parent = Files.createDirectory(folder.resolve("parent"));
        for (Path path = parent; !path.equals(Path.of("/tmp")); path = path.getParent()) {
            path.toFile().setExecutable(true, false);
        }
        TemporaryDirectory directory = TemporaryDirectory.in(parent);
        postgres.program("postgres", "pg_basebackup", "--pgdata=" + directory.data(), "--checkpoint=fast", "--no-sync");
        Files.createFile(directory.data().resolve("standby.signal"));
        Map<String, String> settings = Map.of(
                "hot_standby", "on",
                "wal_level", "logical",
                "max_prepared_transactions", "5",
                "max_slot_wal_keep_size", "1GB",
                "primary_conninfo", postgres.adminUrl("postgres"));
        try (Guardian guardian = new Guardian();
                TemporaryCluster standby =
                        TemporaryCluster.open(tools, directory, guardian, settings, Duration.ofMinutes(1))) {
            Program program = Program.of(repository(), standby.url(Postgres.BACKUP_ROLE, DATABASE));

            Program.Outcome auto = program.run("full", "--no-test");
            assertDone(auto);
            assertThat(auto.out())
                    .contains("Point-in-time recovery: off: the server is a standby", "BACKUP_CLUSTER_URL");
            assertRefused(
                    program.with("BACKUP_PITR", "on").run("full"),
                    ExitCode.PRECONDITION,
                    "the server is a standby",
                    "Set BACKUP_CLUSTER_URL to the primary");

            Program both = program.with("BACKUP_CLUSTER_URL", postgres.backupUrl(DATABASE));
            assertThat(fullWithBase(both).get("physical").get("timeline").asInt())
                    .isEqualTo(1);
            assertDone(both.run("check"));
        }
    }

    @Test
    void a_cluster_url_that_leads_nowhere_leaves_the_dump_and_fails(Postgres postgres) throws Exception {
        assertRefused(
                program(postgres)
                        .with("BACKUP_CLUSTER_URL", "postgresql://bactrian@127.0.0.1:1/postgres")
                        .run("full"),
                ExitCode.PRECONDITION,
                "is stored, but without a base",
                "127.0.0.1:1");
        assertThat(Aftermath.entries(repository().resolve("full"))).hasSize(1);
    }
}
