package io.bactrian.acceptance;

import static io.bactrian.acceptance.LoudFailure.assertDone;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.ExitCode;
import io.bactrian.postgres.Tools;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A recovered base comes with the configuration of production, and must not do what production does. */
class PitrHarmlessIT {
    private static final String DATABASE = "harm";
    private static final String SUBSCRIBER = "subscription_of_a_copy";

    private Path folder;

    @BeforeEach
    void a_folder_that_the_server_may_use() throws Exception {
        folder = PitrScene.passable(Files.createTempDirectory("harmless"));
    }

    @AfterEach
    void remove_it() throws Exception {
        new Shell(folder, Map.of()).run("rm -rf " + folder);
    }

    @Test
    void recovery_touches_nothing_of_production() throws Exception {
        Path archive = folder.resolve("archive");
        new Shell(folder, Map.of()).run("mkdir -m 777 archive");
        try (Postgres production = Postgres.start(
                Tools.locateServer(Optional.empty()),
                Map.of(
                        "wal_level", "logical",
                        "archive_mode", "on",
                        "archive_command", "touch " + archive + "/%f",
                        "synchronous_standby_names", "nobody",
                        "log_connections", "on",
                        "log_replication_commands", "on"))) {
            Program recoveries = dangerous(production);
            String moment = PitrScene.now(production);
            finish(production, 9999);
            List<Path> archived = Aftermath.entries(archive);

            assertDone(recoveries.run("pitr", moment, "recovered"));

            production.sql("postgres", "ALTER DATABASE recovered RESET session_preload_libraries");
            assertThat(production.value("recovered", "SELECT count(*) FROM caravan"))
                    .isEqualTo("5000");
            assertThat(Aftermath.entries(archive))
                    .as("no history and no segment of the copy's timeline")
                    .filteredOn(path -> !archived.contains(path))
                    .allMatch(path -> path.getFileName().toString().startsWith("00000001"));
            assertThat(Files.readString(production.cluster().log(), StandardCharsets.ISO_8859_1))
                    .doesNotContain("application_name=" + SUBSCRIBER);

            refuses_to_replay_into_a_tablespace_of_production(production, recoveries);
        }
    }

    /** Replay of its creation would use the directory that was named then: the live one. */
    private void refuses_to_replay_into_a_tablespace_of_production(Postgres production, Program recoveries)
            throws Exception {
        Path live = production.serverFolder("live");
        production.sql(DATABASE, "CREATE TABLESPACE live LOCATION '" + live + "'");
        production.sql(DATABASE, "CREATE TABLE precious TABLESPACE live AS SELECT 1 AS one");
        finish(production, 10000);

        Aftermath.assertRefused(
                recoveries.run("pitr", "latest", "never"), ExitCode.PRECONDITION, "creates a tablespace in " + live);
        assertThat(production.value(DATABASE, "SELECT one FROM precious")).isEqualTo("1");
    }

    /** All that a copy could do harm with. */
    private Program dangerous(Postgres production) throws Exception {
        PitrScene scene = PitrScene.play(production, DATABASE, folder.resolve("repository"));
        production.sql("postgres", "ALTER SYSTEM SET shared_preload_libraries = 'missing_library'");
        production.sql("postgres", "CREATE DATABASE publisher");
        production.sql(
                "publisher",
                "CREATE PUBLICATION everything FOR ALL TABLES",
                "SELECT pg_create_logical_replication_slot('" + SUBSCRIBER + "', 'pgoutput')");
        production.sql(
                DATABASE, "TRUNCATE caravan", "INSERT INTO caravan SELECT i, '' FROM generate_series(1, 5000) i");
        production.sql(
                DATABASE,
                "CREATE SUBSCRIPTION " + SUBSCRIBER + " CONNECTION 'user=postgres dbname=publisher application_name="
                        + SUBSCRIBER + " host=" + socketFolder(production) + " port="
                        + production.cluster().port()
                        + "' PUBLICATION everything WITH (create_slot = false, connect = false)",
                "ALTER SUBSCRIPTION " + SUBSCRIBER + " ENABLE");
        assertDone(scene.backups().run("full"));
        production.sql("postgres", "ALTER DATABASE " + DATABASE + " SET session_preload_libraries = 'missing_too'");
        return scene.recoveries(PitrScene.passable(Files.createDirectory(folder.resolve("temporary"))));
    }

    private void finish(Postgres production, int id) throws Exception {
        production.sql("postgres", "ALTER DATABASE " + DATABASE + " RESET session_preload_libraries");
        production.sql(DATABASE, "INSERT INTO caravan VALUES (" + id + ", 'too late')");
        assertDone(Program.of(folder.resolve("repository"), production.backupUrl(DATABASE))
                .with("BACKUP_PITR", "on")
                .run("incremental"));
    }

    private static String socketFolder(Postgres production) throws Exception {
        return production.value("postgres", "SHOW unix_socket_directories");
    }
}
