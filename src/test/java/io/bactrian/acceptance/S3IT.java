package io.bactrian.acceptance;

import static io.bactrian.acceptance.LoudFailure.assertDone;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.ExitCode;
import io.bactrian.s3.FaultProxy;
import io.bactrian.s3.FaultProxy.Fault;
import io.bactrian.s3.S3Server;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.commons.io.file.PathUtils;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Buckets on a real S3 server, from the command line: a copy of everything, and a recovery from that copy alone. */
@ExtendWith(Postgres.Shared.class)
class S3IT {
    private static final String DATABASE = "bucketed";
    private static final String TARGET = "bucketed_restored";

    @TempDir
    private static Path serverFolder;

    private static S3Server server;

    @TempDir
    private Path folder;

    private Path repository;
    private Path bucket;
    private Program program;

    @BeforeAll
    static void a_server_and_a_database(Postgres postgres) throws Exception {
        server = S3Server.start(serverFolder);
        postgres.createDatabase(DATABASE);
        postgres.sql(
                DATABASE,
                "CREATE TABLE hump AS SELECT i, md5(i::text) AS t FROM generate_series(1, 3000) i",
                "ALTER SYSTEM SET max_slot_wal_keep_size = '1GB'",
                "SELECT pg_reload_conf()");
    }

    @AfterAll
    static void stop_the_server(Postgres postgres) throws Exception {
        server.close();
        Slots.dropAll(postgres);
    }

    @BeforeEach
    void a_bucket(Postgres postgres) throws Exception {
        PathUtils.deleteDirectory(Files.createDirectories(serverFolder.resolve("buckets/backups")));
        bucket = server.bucket("backups");
        repository = folder.resolve("repository");
        program = Program.of(repository, postgres.backupUrl(DATABASE))
                .with("BACKUP_S3_BUCKET", "backups")
                .with("BACKUP_S3_PREFIX", "prod")
                .with("BACKUP_S3_ENDPOINT", server.endpoint());
        for (Map.Entry<String, String> credential : S3Server.credentials().entrySet()) {
            program = program.with(credential.getKey(), credential.getValue());
        }
    }

    @AfterEach
    void nothing_of_the_credentials_is_written_anywhere(Postgres postgres) throws Exception {
        postgres.sql("postgres", "DROP DATABASE IF EXISTS " + TARGET + " WITH (FORCE)");
        if (Files.isDirectory(repository)) {
            try (Stream<Path> files = Files.walk(repository)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                            .as(file.toString())
                            .doesNotContain(S3Server.credentials().get("AWS_SECRET_ACCESS_KEY"));
                }
            }
        }
    }

    @Test
    void bucket_and_passphrase_are_enough_on_a_new_machine(Postgres postgres) throws Exception {
        Program.Outcome full = program.run("full");
        assertDone(full);
        assertThat(full.out()).contains("Stores: s3 complete");
        postgres.sql(DATABASE, "INSERT INTO hump VALUES (0, 'after the full')");
        assertDone(program.run("incremental"));

        PathUtils.deleteDirectory(repository);

        Program.Outcome status = program.run("status");
        assertDone(status);
        assertThat(status.out()).contains("Health Status: HEALTHY", "Recovery window: ");
        assertDone(program.run("test"));
        Program administrator = program.with("DATABASE_URL", postgres.adminUrl(DATABASE));
        assertDone(administrator.run("restore", "latest", TARGET));
        assertThat(postgres.value(TARGET, "SELECT count(*) FROM hump")).isEqualTo("3000");
        postgres.sql("postgres", "DROP DATABASE " + TARGET);
        assertDone(administrator.run("pitr", "latest", TARGET));
        assertThat(postgres.value(TARGET, "SELECT count(*) FROM hump")).isEqualTo("3001");
        postgres.sql(DATABASE, "DELETE FROM hump WHERE i = 0");
    }

    @Test
    void what_a_bucket_lacks_fails_the_test_and_is_recorded() throws Exception {
        Program.Outcome full = program.with("BACKUP_PITR", "off").run("full");
        assertDone(full);
        PathUtils.deleteDirectory(repository);
        String dump = "prod/full/" + full.backupId() + "/database.dump.zst.pgp";
        Files.delete(bucket.resolve(dump));

        Program.Outcome test = program.run("test");

        assertThat(test.exitCode()).as(test.toString()).isEqualTo(ExitCode.INTEGRITY.number());
        assertThat(test.err()).contains("database.dump.zst.pgp is missing in the store s3", "Hint: ");
        assertThat(Files.readString(repository.resolve("history.jsonl")))
                .contains("\"activity\":\"test\"", full.backupId(), "is missing in the store s3");
    }

    @Test
    void a_bucket_that_gives_up_while_a_new_machine_takes_it_over_is_recorded() throws Exception {
        assertDone(program.with("BACKUP_PITR", "off").run("full", "--no-test"));
        PathUtils.deleteDirectory(repository);
        try (FaultProxy proxy = new FaultProxy(
                server.port(),
                line -> line.startsWith("GET") && line.contains("/prod/keys/")
                        ? new Fault.Answer(503, "SlowDown")
                        : Fault.NONE)) {
            Program.Outcome test = program.with("BACKUP_S3_ENDPOINT", proxy.endpoint())
                    .with("BACKUP_S3_RETRIES", "0")
                    .run("test");

            assertThat(test.exitCode()).as(test.toString()).isNotZero();
            assertThat(test.err()).contains("Hint: ");
        }
        assertThat(Files.readString(repository.resolve("history.jsonl"))).contains("\"activity\":\"test\"");
        assertDone(program.run("test"));
    }

    @Test
    void a_backup_through_a_failing_network_ends_complete_or_is_repaired(Postgres postgres) throws Exception {
        long seed = 20261123;
        Random random = new Random(seed);
        try (FaultProxy proxy = new FaultProxy(server.port(), line -> fault(random))) {
            Program.Outcome full = program.with("BACKUP_S3_ENDPOINT", proxy.endpoint())
                    .with("BACKUP_S3_TIMEOUT", "2s")
                    .with("BACKUP_PITR", "off")
                    .run("full");
            assertThat(full.exitCode()).as("seed " + seed + ": " + full).isZero();
            assertThat(full.out()).containsAnyOf("Stores: s3 complete", "s3 behind");
            assertThat(proxy.injected()).isPositive();
        }
        assertDone(program.run("replicate"));
        PathUtils.deleteDirectory(repository);
        assertDone(program.run("test"));
        try (Stream<Path> stored = Files.walk(bucket)) {
            assertThat(stored.map(Path::toString)).noneMatch(name -> name.contains("upload"));
        }
    }

    private static synchronized Fault fault(Random random) {
        return switch (random.nextInt(20)) {
            case 0 -> new Fault.Answer(500, "InternalError");
            case 1 -> new Fault.Answer(503, "SlowDown");
            case 2 -> new Fault.After(random.nextInt(4096), Long.MAX_VALUE, true);
            case 3 -> new Fault.After(Long.MAX_VALUE, random.nextInt(4096), true);
            case 4 -> new Fault.After(Long.MAX_VALUE, random.nextInt(4096), false);
            case 5 -> new Fault.Stall();
            default -> Fault.NONE;
        };
    }

    @Test
    void a_replica_that_is_down_harms_neither_the_backup_nor_the_others() throws Exception {
        server.bucket("frankfurt");
        Program replicated = program.with("BACKUP_PITR", "off")
                .with("BACKUP_S3_REPLICAS", "frankfurt=s3://frankfurt/prod?endpoint=http://127.0.0.1:1");

        assertDone(program.with("BACKUP_PITR", "off").run("full"));
        Program.Outcome full = replicated.run("full");

        assertThat(full.exitCode()).as(full.toString()).isZero();
        assertThat(full.out() + full.err()).contains("s3 complete", "frankfurt", "nothing answers");
        assertThat(replicated.run("status").out()).contains("DEGRADED", "frankfurt");

        Program repaired =
                replicated.with("BACKUP_S3_REPLICAS", "frankfurt=s3://frankfurt/prod?endpoint=" + server.endpoint());
        assertDone(repaired.run("replicate"));
        assertThat(repaired.run("status").out()).contains("HEALTHY");
        assertThat(files(server.bucket("frankfurt"))).isEqualTo(files(bucket));
    }

    private static long files(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(Files::isRegularFile).count();
        }
    }

    @Test
    void check_tries_every_store_and_names_what_is_wrong() throws Exception {
        Program checked = program.with("BACKUP_S3_REPLICAS", "frankfurt=s3://nowhere-at-all");

        Program.Outcome check = checked.run("check");

        assertThat(check.exitCode()).isEqualTo(ExitCode.PRECONDITION.number());
        assertThat(check.out())
                .containsPattern("ok +store s3 +a probe was written, read, found and deleted")
                .containsPattern("FAIL +store frankfurt +the region of the store frankfurt is not known");
        assertThat(files(bucket)).isZero();
    }

    @Test
    void a_wrong_secret_key_is_refused_with_a_hint_before_it_matters() throws Exception {
        Program.Outcome check = program.with("AWS_SECRET_ACCESS_KEY", "wrong").run("check");

        assertThat(check.exitCode()).isEqualTo(ExitCode.PRECONDITION.number());
        assertThat(check.out()).contains("refused the signature", "Check the secret access key");
    }
}
