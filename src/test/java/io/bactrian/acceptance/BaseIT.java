package io.bactrian.acceptance;

import static io.bactrian.acceptance.Aftermath.assertRefused;
import static io.bactrian.acceptance.LoudFailure.assertDone;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.ExitCode;
import io.bactrian.postgres.Guardian;
import io.bactrian.postgres.Lsn;
import io.bactrian.postgres.Server;
import io.bactrian.postgres.TemporaryCluster;
import io.bactrian.postgres.TemporaryDirectory;
import io.bactrian.postgres.Tools;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A full takes a physical base along where point-in-time recovery is on, and whoever opens that by hand has a whole cluster. */
@ExtendWith(Postgres.Shared.class)
class BaseIT {
    private static final String DATABASE = "based";
    private static final String ROWS = "SELECT count(*) || ' ' || sum(id) FROM caravan";

    @TempDir
    private Path folder;

    private Path gnupg;

    @BeforeAll
    static void a_server_that_bounds_its_slots(Postgres postgres) throws Exception {
        Slots.bound(postgres);
        postgres.createDatabase(DATABASE);
        postgres.sql(
                DATABASE,
                "CREATE TABLE caravan (id int PRIMARY KEY, load text NOT NULL)",
                "INSERT INTO caravan SELECT i, repeat(md5(i::text), 4) FROM generate_series(1, 20000) i");
    }

    @BeforeEach
    void make_a_private_gnupg_home() throws Exception {
        gnupg = Files.createTempDirectory("gpg"); // short, for the agent's socket has to fit into 108 bytes; 0700
        Path passphrase = Files.writeString(gnupg.resolve("passphrase"), Program.PASSPHRASE);
        Files.writeString(gnupg.resolve("gpg.conf"), "pinentry-mode loopback\npassphrase-file " + passphrase + "\n");
    }

    @AfterEach
    void end_the_agent_and_drop_the_slots(Postgres postgres) throws Exception {
        new Shell(folder, Map.of("GNUPGHOME", gnupg.toString())).run("gpgconf --kill all; rm -rf \"$GNUPGHOME\"");
        Slots.dropAll(postgres);
    }

    private Path repository() {
        return folder.resolve("repository");
    }

    private Program program(Postgres postgres) {
        return Program.of(repository(), postgres.backupUrl(DATABASE)).with("BACKUP_ENCRYPTION_FORMAT", "gpg");
    }

    @Test
    void a_full_names_its_base_which_says_where_it_begins_and_ends(Postgres postgres) throws Exception {
        Lsn before = Lsn.of(postgres.value(DATABASE, "SELECT pg_current_wal_lsn()"));
        Program.Outcome full = program(postgres).run("full");
        Lsn after = Lsn.of(postgres.value(DATABASE, "SELECT pg_current_wal_insert_lsn()"));

        assertDone(full);
        Stored base = Stored.base(repository(), full.backupId());
        assertThat(full.out())
                .contains("Point-in-time recovery: on, "
                        + base.manifest().get("id").asText());
        JsonNode physical = base.manifest().get("physical");
        assertThat(physical.get("chain")).isEqualTo(base.manifest().get("id"));
        assertThat(List.of(before, lsn(physical, "start"), lsn(physical, "end"), after))
                .isSorted();
        assertThat(physical.get("timeline").asInt()).isEqualTo(1);
        assertThat(physical.get("segmentBytes").asInt()).isEqualTo(16 << 20);
        assertThat(physical.get("databaseBytes"))
                .isEqualTo(base.artifact("base").get("plainBytes"));
        assertThat(Instant.parse(physical.get("endTime").asText()))
                .isBetween(Instant.parse(base.manifest().get("started").asText()), Instant.now());
        assertThat(base.manifest().get("systemIdentifier").asText())
                .isEqualTo(postgres.value(DATABASE, "SELECT system_identifier FROM pg_control_system()"));
        assertThat(Aftermath.entries(repository()))
                .noneMatch(path -> path.toString().contains(".base-spool"));
    }

    private static Lsn lsn(JsonNode physical, String name) {
        return Lsn.of(physical.get(name).asText());
    }

    @Test
    void a_base_that_is_unpacked_by_hand_is_a_whole_cluster_and_starts(Postgres postgres) throws Exception {
        Program.Outcome full = program(postgres).run("full");
        assertDone(full);
        Stored base = Stored.base(repository(), full.backupId());

        try (TemporaryDirectory directory = TemporaryDirectory.in(parent())) {
            unpack(base, base.artifact("base"), directory.data());
            verify(directory.data());
            assertThat(query(directory, DATABASE)).isEqualTo(postgres.value(DATABASE, ROWS));
        }
    }

    @Test
    void further_tablespaces_come_along(Postgres postgres) throws Exception {
        Path place = postgres.serverFolder("tablespace");
        postgres.sql(
                DATABASE,
                "CREATE TABLESPACE far LOCATION '" + place + "'",
                "CREATE TABLE carried TABLESPACE far AS SELECT * FROM caravan");
        try {
            Program.Outcome full = program(postgres).run("full");
            assertDone(full);
            Stored base = Stored.base(repository(), full.backupId());
            JsonNode tablespace = base.artifact("tablespace");
            String oid = tablespace.get("name").asText().replaceFirst("\\..*", "");
            assertThat(base.manifest().get("physical").get("databaseBytes").asLong())
                    .isEqualTo(base.artifact("base").get("plainBytes").asLong()
                            + tablespace.get("plainBytes").asLong());
            assertThat(configuration(base)
                            .get("tablespaces")
                            .get(0)
                            .get("location")
                            .asText())
                    .isEqualTo(place.toString());

            Path parent = parent();
            Path elsewhere = parent.resolve("elsewhere");
            try (TemporaryDirectory directory = TemporaryDirectory.in(parent)) {
                unpack(base, base.artifact("base"), directory.data());
                unpack(base, tablespace, elsewhere);
                shell(base)
                        .run(open(base, base.artifact("base-manifest")) + " > " + directory.data()
                                + "/backup_manifest && ln -sfn " + elsewhere + " " + directory.data() + "/pg_tblspc/"
                                + oid
                                + " && echo " + oid + " " + elsewhere + " > " + directory.data() + "/tablespace_map");
                shell(base).run("if [ $(id -u) = 0 ]; then chown -R postgres: " + elsewhere + "; fi");
                verify(directory.data(), "--ignore=tablespace_map");
                assertThat(query(directory, DATABASE)).isEqualTo(postgres.value(DATABASE, ROWS));
            }
            assertThat(Aftermath.entries(repository()))
                    .noneMatch(path -> path.toString().contains(".base-spool"));
        } finally {
            postgres.sql(DATABASE, "DROP TABLE IF EXISTS carried", "DROP TABLESPACE far");
        }
    }

    @Test
    void the_configuration_is_kept_and_encrypted(Postgres postgres) throws Exception {
        postgres.sql("postgres", "ALTER SYSTEM SET primary_conninfo = 'password=conninfo-canary'");
        postgres.sql("postgres", "SELECT pg_reload_conf()");
        Program.Outcome full =
                program(postgres).with("BACKUP_COMPRESSION", "none").run("full");
        postgres.sql("postgres", "ALTER SYSTEM RESET primary_conninfo");
        assertDone(full);

        Stored base = Stored.base(repository(), full.backupId());
        JsonNode configuration = configuration(base);
        assertThat(configuration.get("dataDirectory").asText())
                .isEqualTo(postgres.cluster().data().toString());
        assertThat(configuration.get("settings").toString())
                .contains("conninfo-canary", "{\"name\":\"autovacuum\",\"value\":\"off\"")
                .doesNotContain("search_path", "client_encoding");
        JsonNode file = configuration.get("files").get(0);
        assertThat(file.get("kind").asText()).isEqualTo("config_file");
        assertThat(file.get("insideDataDirectory").asBoolean()).isFalse();
        assertThat(file.get("content").isNull()).as("the role may not read it").isTrue();
        assertThat(new Shell(repository(), Map.of())
                        .run("grep -rlF conninfo-canary . || true")
                        .out())
                .isEmpty();
    }

    @Test
    void configuration_files_outside_the_data_directory_are_kept_where_the_role_may_read_them(Postgres postgres)
            throws Exception {
        postgres.sql(
                DATABASE,
                "GRANT EXECUTE ON FUNCTION pg_read_binary_file(text,bigint,bigint,boolean) TO bactrian",
                "GRANT pg_read_server_files TO bactrian");
        Program.Outcome full = program(postgres).run("full");
        postgres.sql(
                DATABASE,
                "REVOKE EXECUTE ON FUNCTION pg_read_binary_file(text,bigint,bigint,boolean) FROM bactrian",
                "REVOKE pg_read_server_files FROM bactrian");
        assertDone(full);

        for (JsonNode file :
                configuration(Stored.base(repository(), full.backupId())).get("files")) {
            if (!file.get("insideDataDirectory").asBoolean()) {
                assertThat(file.get("content").binaryValue())
                        .isEqualTo(Files.readAllBytes(Path.of(file.get("path").asText())));
            }
        }
    }

    @Test
    void a_base_that_is_impossible_leaves_the_dump_and_fails_with_what_is_missing(Postgres postgres) throws Exception {
        postgres.sql("postgres", "ALTER ROLE bactrian NOREPLICATION");
        try {
            assertRefused(
                    program(postgres).with("BACKUP_PITR", "on").run("full"),
                    ExitCode.PRECONDITION,
                    "is stored, but without a base",
                    "the role bactrian may not replicate",
                    "ALTER ROLE bactrian REPLICATION;");
        } finally {
            postgres.sql("postgres", "ALTER ROLE bactrian REPLICATION");
        }
        assertThat(Aftermath.entries(repository().resolve("full"))).hasSize(1);
        assertDone(program(postgres).run("test", "latest"));
    }

    private JsonNode configuration(Stored base) throws Exception {
        String json =
                shell(base).run(open(base, base.artifact("configuration"))).out();
        return new ObjectMapper().readTree(json);
    }

    private static String open(Stored base, JsonNode artifact) {
        return "cd " + base.folder() + " && { " + artifact.get("open").asText() + "; }";
    }

    private void unpack(Stored base, JsonNode artifact, Path into) throws Exception {
        shell(base).run("mkdir -m 0700 " + into + " && " + open(base, artifact) + " | tar -x -C " + into);
    }

    private Shell shell(Stored base) {
        return new Shell(base.folder(), Map.of("GNUPGHOME", gnupg.toString(), "LC_ALL", "C.UTF-8"));
    }

    private void verify(Path data, String... options) throws Exception {
        Path program = Tools.locateServer(Optional.empty()).program("pg_verifybackup");
        assertThat(new Shell(folder, Map.of())
                        .run(program + " " + String.join(" ", options) + " " + data)
                        .out())
                .contains("successfully verified");
    }

    /** A server's account may pass through it. */
    private Path parent() throws Exception {
        Path parent = Files.createDirectory(folder.resolve("parent"));
        for (Path path = parent; !path.equals(Path.of("/tmp")); path = path.getParent()) {
            path.toFile().setExecutable(true, false);
        }
        return parent;
    }

    private static String query(TemporaryDirectory directory, String database) throws Exception {
        try (Guardian guardian = new Guardian();
                TemporaryCluster cluster = TemporaryCluster.open(
                        Tools.locateServer(Optional.empty()), directory, guardian, Map.of(), Duration.ofMinutes(1));
                Connection connection = Server.choose(
                                io.bactrian.postgres.DatabaseUrl.parse(cluster.url("postgres", database), Map.of()))
                        .connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(ROWS)) {
            row.next();
            return row.getString(1);
        }
    }
}
