package io.bactrian.acceptance;

import static io.bactrian.acceptance.LoudFailure.assertDone;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.postgres.DatabaseUrl;
import io.bactrian.postgres.Server;
import io.bactrian.postgres.Tools;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The whole cluster, as a data directory that anybody can start. */
@ExtendWith(Postgres.Shared.class)
class PitrClusterIT {
    private static final String DATABASE = "region";
    private static final String ARCHIVED = "archived-by-a-copy";

    private static Path folder;
    private static PitrScene scene;

    private Path temporary;
    private Path data;

    @BeforeAll
    static void a_cluster_that_archives(Postgres postgres) throws Exception {
        folder = PitrScene.passable(Files.createTempDirectory("cluster-it"));
        // the original's access rules lie where the backup role may not read them, so that the copy lets only its own
        // account in
        Files.writeString(folder.resolve("hba"), "local all all trust\n");
        postgres.sql("postgres", "ALTER SYSTEM SET archive_command = 'touch " + folder.resolve(ARCHIVED) + "'");
        scene = PitrScene.play(postgres, DATABASE, folder.resolve("repository"));
    }

    @AfterAll
    static void clear(Postgres postgres) throws Exception {
        postgres.sql("postgres", "ALTER SYSTEM RESET archive_command");
        Slots.dropAll(postgres);
        new Shell(folder, Map.of()).run("rm -rf " + folder);
    }

    @BeforeEach
    void a_place_for_it() throws Exception {
        temporary = PitrScene.passable(Files.createTempDirectory(folder, "temporary"));
        data = folder.resolve("data");
    }

    @AfterEach
    void stop_it() throws Exception {
        if (Files.exists(data.resolve("postmaster.pid"))) {
            control("--mode=immediate stop");
        }
        new Shell(folder, Map.of()).run("rm -rf " + data + " " + data + ".tablespaces " + data + ".log");
        assertThat(Aftermath.entries(temporary)).isEmpty();
        assertThat(folder.resolve(ARCHIVED)).doesNotExist();
    }

    @Test
    void the_cluster_is_ready_to_start_with_archiving_off(Postgres postgres) throws Exception {
        Program.Outcome pitr = scene.recoveries(temporary).run("pitr", scene.moment(), "--data-dir", data.toString());

        assertDone(pitr);
        assertThat(pitr.out()).contains("Start it: ", "archiving off until you turn it on");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data)))
                .isEqualTo("rwx------");
        assertThat(Files.list(data).map(path -> path.getFileName().toString()))
                .contains("postgresql.conf", "pg_hba.conf", "pg_ident.conf", "PG_VERSION")
                .doesNotContain("recovery.signal", "standby.signal", "backup_label", "bactrian.unfinished");
        start("");
        assertThat(ask("SELECT count(*) FROM caravan")).isEqualTo("7000");
        assertThat(ask("SELECT count(*) FROM oasis")).isEqualTo("2");
        assertThat(ask("SHOW archive_mode")).isEqualTo("off");
        assertThat(ask("SHOW max_prepared_transactions"))
                .as("as the original has it, outside its data directory")
                .isEqualTo(postgres.value("postgres", "SHOW max_prepared_transactions"));
        assertThat(ask("SHOW wal_level")).isEqualTo(postgres.value("postgres", "SHOW wal_level"));
        assertThat(ask("SELECT pg_is_in_recovery()")).isEqualTo("f");
    }

    @Test
    void its_tablespaces_lie_beside_it(Postgres postgres) throws Exception {
        Path far = postgres.serverFolder("far");
        postgres.sql(
                DATABASE,
                "CREATE TABLESPACE far LOCATION '" + far + "'",
                "CREATE TABLE distant TABLESPACE far AS SELECT generate_series(1, 1000) AS id");
        assertDone(scene.backups().run("full"));
        postgres.sql(DATABASE, "INSERT INTO distant SELECT 1001", "CREATE TABLE nearer TABLESPACE far AS SELECT 1");
        assertDone(scene.backups().run("incremental"));

        Program.Outcome pitr = scene.recoveries(temporary).run("pitr", "latest", "--data-dir", data.toString());

        assertDone(pitr);
        start("");
        assertThat(ask("SELECT count(*) FROM distant")).isEqualTo("1001");
        assertThat(ask("SELECT pg_tablespace_location(oid) FROM pg_tablespace WHERE spcname = 'far'"))
                .startsWith(data + ".tablespaces/");

        Path temp = PitrScene.passable(Files.createTempDirectory(folder, "temporary"));
        assertDone(scene.recoveries(temp).run("pitr", "latest", "beside"));
        assertThat(postgres.value("beside", "SELECT count(*) FROM distant")).isEqualTo("1001");
        postgres.sql("postgres", "DROP DATABASE beside");
        postgres.sql(DATABASE, "DROP TABLE distant, nearer", "DROP TABLESPACE far");
    }

    @Test
    void a_standby_follows_the_primary_from_where_the_repository_ends(Postgres postgres) throws Exception {
        Program.Outcome pitr =
                scene.recoveries(temporary).run("pitr", "latest", "--data-dir", data.toString(), "--standby");

        assertDone(pitr);
        assertThat(Files.readString(data.resolve("postgresql.auto.conf"))).doesNotContainIgnoringCase("password");
        String slot =
                postgres.value("postgres", "SELECT slot_name FROM pg_replication_slots WHERE slot_name ~ '_standby_'");
        assertThat(pitr.out()).contains(slot);
        postgres.sql(DATABASE, "INSERT INTO caravan VALUES (100000, 'after the backup')");
        start("-c hot_standby=on");
        org.awaitility.Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .ignoreExceptions()
                .until(() -> ask("SELECT load FROM caravan WHERE id = 100000").equals("after the backup"));
        assertThat(ask("SELECT pg_is_in_recovery()")).isEqualTo("t");
        assertThat(postgres.value(
                        "postgres", "SELECT active FROM pg_replication_slots WHERE slot_name = '" + slot + "'"))
                .isEqualTo("t");
    }

    private void start(String options) throws Exception {
        control("--log=" + data + ".log --wait --options=\"-c listen_addresses= -k " + sockets()
                + " -p 6543 -c hba_file=" + folder.resolve("hba") + " " + options + "\" start");
    }

    private static Path sockets() {
        return folder.resolve("sockets");
    }

    /** As the account of the server. */
    private void control(String arguments) throws Exception {
        String tool = Tools.locateServer(Optional.empty()).program("pg_ctl").toString();
        String command =
                "cd / && mkdir -p " + sockets() + " && touch " + data + ".log && chown --reference=" + data + " "
                        + sockets() + " " + data + ".log && setpriv --reuid=$(stat -c %u " + data
                        + ") --regid=$(stat -c %g " + data
                        + ") --clear-groups -- " + tool + " --pgdata=" + data + " " + arguments
                        + " || { cat " + data + ".log; exit 1; }";
        new Shell(folder, Map.of()).run(command);
    }

    private String ask(String query) throws Exception {
        String url = "postgresql://postgres@" + sockets().toString().replace("/", "%2F") + ":6543/" + DATABASE;
        try (Connection connection =
                        Server.choose(DatabaseUrl.parse(url, Map.of())).connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }
}
