package io.bactrian.acceptance;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.ExitCode;
import io.bactrian.RouteEdit;
import io.bactrian.repository.Exclusive;
import io.bactrian.repository.Json;
import io.bactrian.repository.RunLock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.io.file.PathUtils;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Every backup goes to every store, and what one store lacks another has. */
@ExtendWith(Postgres.Shared.class)
class ReplicateIT {
    private static final String DATABASE = "replicated";
    private static final String TARGET = "replicated_restored";
    private static final int SIGKILLED = 137;

    @TempDir
    private Path folder;

    private Path repository;
    private Mirror mirror;
    private Program program;

    @BeforeEach
    void a_second_store_from_yaml_alone(Postgres postgres) throws Exception {
        if (!postgres.exists(DATABASE)) {
            postgres.createDatabase(DATABASE);
            postgres.sql(
                    DATABASE,
                    "CREATE TABLE hump AS SELECT i, md5(i::text) AS t FROM generate_series(1, 3000) i",
                    "ALTER SYSTEM SET max_slot_wal_keep_size = '1GB'",
                    "SELECT pg_reload_conf()");
        }
        postgres.sql("postgres", "DROP DATABASE IF EXISTS " + TARGET);
        repository = folder.resolve("repository");
        Path installation = folder.resolve("installation");
        program = Program.of(repository, postgres.backupUrl(DATABASE))
                .installedIn(installation)
                .with("BACKUP_STORES", "mirror");
        mirror = new Mirror("mirror", folder.resolve("mirror")).addTo(installation);
    }

    private Program administrator(Postgres postgres) {
        return program.with("DATABASE_URL", postgres.adminUrl(DATABASE));
    }

    private static List<String> files(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> root.relativize(file).toString())
                    .filter(path -> !path.startsWith(".") && !path.endsWith(".log") && !path.startsWith("history"))
                    .sorted()
                    .toList();
        }
    }

    private static Program.Outcome done(Program.Outcome outcome) {
        assertThat(outcome.exitCode()).as(outcome.toString()).isZero();
        return outcome;
    }

    @Test
    void a_copy_alone_is_enough_on_a_new_machine(Postgres postgres) throws Exception {
        assertThat(done(program.run("full")).out()).contains("Stores: mirror complete");
        postgres.sql(DATABASE, "INSERT INTO hump VALUES (0, 'after the full')");
        assertThat(done(program.run("incremental")).out()).contains("Stores: mirror complete");
        assertThat(files(mirror.root())).isEqualTo(files(repository));
        assertThat(done(program.run("status")).out()).contains("mirror  4 backups  complete");

        PathUtils.deleteDirectory(repository);

        assertThat(done(program.run("status")).out())
                .contains("Health Status: HEALTHY", "Total Backups: 2", "Recovery window: ");
        assertThat(done(program.run("test")).out()).contains("passed");
        Program restoring = administrator(postgres);
        done(restoring.run("restore", "latest", TARGET));
        assertThat(postgres.value(TARGET, "SELECT count(*) FROM hump")).isEqualTo("3000");
        postgres.sql("postgres", "DROP DATABASE " + TARGET);
        done(restoring.run("pitr", "latest", TARGET));
        assertThat(postgres.value(TARGET, "SELECT count(*) FROM hump")).isEqualTo("3001");
    }

    private Program plain() {
        return program.with("BACKUP_PITR", "off").with("BACKUP_RETRIES", "0");
    }

    private Path only(Path root, String glob) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(file -> file.toString().matches(glob))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no " + glob + " in " + root));
        }
    }

    /** The mirror waits before it does this. */
    private void delay(String operation, long millis) throws IOException {
        new RouteEdit(folder.resolve("installation/routes"))
                .exchange("store-mirror.camel.yaml", "store-mirror-" + operation + "-do", """
                        - delay:
                            id: store-mirror-%1$s-slow
                            constant:
                              expression: "%2$s"
                        - bean:
                            id: store-mirror-%1$s-do
                            ref: mirrorStore
                            method: %1$s
                        """.formatted(
                                operation, millis));
    }

    private static void flip(Path file) throws IOException {
        byte[] content = Files.readAllBytes(file);
        content[content.length / 2] ^= 1;
        Files.write(file, content);
    }

    @Test
    void a_store_that_is_away_fails_nothing_is_told_and_is_repaired() throws Exception {
        Mirror second = new Mirror("second", folder.resolve("second")).addTo(folder.resolve("installation"));
        Program both = plain().with("BACKUP_STORES", "mirror,second");
        done(both.run("full", "--no-test"));
        PathUtils.deleteDirectory(second.root());
        Files.writeString(second.root(), "not a folder");

        Program.Outcome full = done(both.run("full", "--no-test"));

        assertThat(full.message()).contains("Warning: at risk: the store second is behind: ");
        assertThat(full.out()).contains("Stores: mirror complete, second at risk");
        assertThat(full.err()).contains("Alert: At risk: copies", ": the store second is behind");
        assertThat(files(mirror.root())).isEqualTo(files(repository));
        Program.Outcome status = both.run("status", "--exit-code");
        assertThat(status.exitCode()).as(status.toString()).isEqualTo(1);
        assertThat(status.out()).contains("mirror  2 backups  complete", "! the store second lacks 2 of the backups");
        assertThat(both.run("replicate").exitCode()).isEqualTo(ExitCode.FAILED.number());

        Files.delete(second.root());
        assertThat(done(both.run("replicate")).out()).contains("Copied to second: 2 backups");
        assertThat(files(second.root())).isEqualTo(files(repository));
        assertThat(done(both.run("replicate")).out()).doesNotContain("Copied");
    }

    @Test
    void a_store_that_can_only_be_read_is_found_by_check_fails_no_backup_and_still_serves(Postgres postgres)
            throws Exception {
        done(plain().run("full", "--no-test"));
        try (ReadOnly unwritable = ReadOnly.mount(mirror.root())) {
            Program.Outcome check = plain().run("check");
            assertThat(check.exitCode()).as(check.toString()).isNotZero();
            assertThat(check.out())
                    .containsPattern("FAIL +store mirror +cannot write .*/mirror/probe: Read-only file system")
                    .contains("Hint: This user must be able to write there");

            Program.Outcome full = done(plain().run("full", "--no-test"));
            assertThat(full.message()).contains("at risk: the store mirror is behind", "Read-only file system");
            done(plain().run("test", "--from", "mirror"));
            done(administrator(postgres).run("restore", "latest", TARGET, "--from", "mirror"));
            assertThat(postgres.dump(TARGET)).isEqualTo(postgres.dump(DATABASE));
            Program.Outcome cleanup = plain().with("BACKUP_RETENTION_DAYS", "1").run("cleanup");
            done(cleanup); // there is nothing to delete
        }
        assertThat(done(plain().run("replicate")).out()).contains("Copied to mirror: 1 backup");
        assertThat(files(mirror.root())).isEqualTo(files(repository));
    }

    @Test
    void a_damaged_artifact_is_taken_from_the_next_store_and_of_two_damaged_ones_none(Postgres postgres)
            throws Exception {
        done(plain().run("full", "--no-test"));
        Path dump = only(repository.resolve("full"), ".*/database\\.dump\\.zst\\.pgp");
        flip(dump);

        Program.Outcome restored = done(administrator(postgres).run("restore", "latest", TARGET));
        assertThat(restored.err()).contains("database.dump.zst.pgp of full_", "in local", "taken from mirror");
        assertThat(postgres.dump(TARGET)).isEqualTo(postgres.dump(DATABASE));
        Aftermath.assertRefused(plain().run("test", "--from", "local"), ExitCode.INTEGRITY, "SHA-256");

        flip(only(mirror.resolve("full"), ".*/database\\.dump\\.zst\\.pgp"));
        Aftermath.assertRefused(plain().run("test"), ExitCode.INTEGRITY, "local: ", "mirror: ");

        flip(only(mirror.resolve("full"), ".*/database\\.dump\\.zst\\.pgp"));
        Files.delete(dump);
        done(plain().run("replicate"));
        done(plain().run("test", "--from", "local"));
    }

    @Test
    void a_damaged_copy_is_replaced_by_a_sound_one_in_either_direction() throws Exception {
        String id = done(plain().run("full")).backupId();
        String dump = ".*/database\\.dump\\.zst\\.pgp";
        for (Path damaged : List.of(
                only(repository.resolve("full"), dump),
                only(mirror.resolve("full"), dump),
                only(repository.resolve("full"), ".*/manifest\\.json"),
                only(mirror.resolve("full"), ".*/manifest\\.json"))) {
            flip(damaged);

            done(plain().run("replicate", "--again", id));

            done(plain().run("test", id, "--from", "local"));
            done(plain().run("test", id, "--from", "mirror"));
        }

        flip(only(mirror.resolve("full"), dump));
        Aftermath.assertRefused(
                plain().run("test", id, "--from", "mirror", "--level", "checksum"), ExitCode.INTEGRITY, "SHA-256");
        flip(only(repository.resolve("full"), dump));
        Program.Outcome hopeless = plain().run("replicate", "--again", id);
        assertThat(hopeless.exitCode()).isEqualTo(ExitCode.FAILED.number());
        assertThat(hopeless.message())
                .contains("at risk", "cannot be copied", "could not be brought back", "the SHA-256");
        Aftermath.assertRefused(plain().run("replicate", "--again", "../" + id), ExitCode.USAGE, "no backup's id");
        Aftermath.assertRefused(
                plain().run("replicate", "--again", "full_2001-01-01T00-00-00-000Z"),
                ExitCode.PRECONDITION,
                "no store has a backup");
    }

    @Test
    void a_damaged_segment_is_replaced_by_a_sound_one_while_no_other_run_changes_the_chain() throws Exception {
        done(program.run("full", "--no-test"));
        done(program.run("incremental"));
        Path manifest = newest(repository.resolve("incremental"));
        String id = manifest.getParent().getFileName().toString();
        String segment = "wal/.*/"
                + Json.mapper()
                        .readTree(manifest.toFile())
                        .path("artifacts")
                        .get(0)
                        .path("name")
                        .asText();
        for (Path damaged : List.of(only(repository, ".*/" + segment), only(mirror.root(), ".*/" + segment))) {
            flip(damaged);
            done(program.run("replicate", "--again", id));
            done(program.run("test", id, "--from", "local"));
            done(program.run("test", id, "--from", "mirror"));
        }
        flip(only(repository, ".*/" + segment));
        String systemId = manifest.getParent().getParent().getFileName().toString();
        try (RunLock held = Exclusive.incremental(repository, systemId, Duration.ZERO)) {
            Aftermath.assertRefused(program.run("replicate", "--again", id), ExitCode.BUSY, "at work");
        }
    }

    private static Path newest(Path incrementals) throws IOException {
        try (Stream<Path> files = Files.walk(incrementals)) {
            return files.filter(file -> file.endsWith("manifest.json"))
                    .max(Comparator.naturalOrder())
                    .orElseThrow();
        }
    }

    @Test
    void what_is_whole_is_not_mended_and_replicate_waits_for_no_incremental() throws Exception {
        done(program.run("full", "--no-test"));
        String systemId = newest(repository.resolve("incremental"))
                .getParent()
                .getParent()
                .getFileName()
                .toString();
        try (RunLock held = Exclusive.incremental(repository, systemId, Duration.ZERO)) {
            done(program.run("replicate"));
        }
    }

    @Test
    void log_that_is_on_its_way_outlives_a_cleanup() throws Exception {
        done(program.run("full", "--no-test"));
        List<String> early = files(mirror.root()).stream()
                .filter(path -> path.matches("(full|base|incremental|wal)/.*"))
                .toList();
        List<String> log =
                early.stream().filter(path -> path.startsWith("wal/")).toList();
        done(program.run("full", "--no-test"));
        for (String path : early) {
            Files.delete(mirror.resolve(path));
        }
        new RouteEdit(folder.resolve("installation/routes"))
                .exchange("store-mirror.camel.yaml", "store-mirror-put-do", """
                        - choice:
                            id: store-mirror-put-which
                            when:
                              - id: store-mirror-put-late
                                simple:
                                  expression: ${header.CamelFileName} contains 'incremental/'
                                steps:
                                  - delay:
                                      id: store-mirror-put-slow
                                      constant:
                                        expression: "15000"
                        - bean:
                            id: store-mirror-put-do
                            ref: mirrorStore
                            method: put
                        """);

        Process run = program.start("replicate");
        Program.Running running = Program.Running.of(run);
        await("the log without its manifest")
                .atMost(60, SECONDS)
                .failFast(() -> !run.isAlive())
                .until(() -> log.stream().allMatch(path -> Files.exists(mirror.resolve(path))));
        done(program.run("cleanup", "--store", "mirror"));

        assertThat(run.isAlive()).as("it still waits").isTrue();
        done(running.outcome());
        assertThat(log).isNotEmpty();
        assertThat(files(mirror.root())).isEqualTo(files(repository));
        done(program.run("test", "--all", "--level", "checksum", "--from", "mirror"));
    }

    @Test
    void what_was_killed_half_way_is_no_backup_there_and_the_next_run_goes_on(Postgres postgres) throws Exception {
        Path slow = folder.resolve("installation/routes/store-mirror.camel.yaml");
        String fast = Files.readString(slow);
        delay("put", 700);
        for (String moment : List.of("keys", "full/.*/database.dump.zst.pgp", "full/.*/manifest.json.sig")) {
            Process run = plain().start("full", "--no-test");
            Program.Running running = Program.Running.of(run);
            List<String> before = Files.isDirectory(mirror.root()) ? files(mirror.root()) : List.of();
            await(moment)
                    .pollInterval(Duration.ofMillis(5))
                    .atMost(60, SECONDS)
                    .failFast(() -> !run.isAlive())
                    .ignoreException(UncheckedIOException.class) // a file was renamed while the folder was walked
                    .until(() -> Files.isDirectory(mirror.root())
                            && files(mirror.root()).stream()
                                    .anyMatch(path -> path.matches(moment + ".*") && !before.contains(path)));
            run.destroyForcibly();
            assertThat(running.outcome().exitCode()).isEqualTo(SIGKILLED);
            assertThat(files(mirror.root())).noneMatch(path -> path.endsWith("manifest.json"));
        }
        Files.writeString(slow, fast);

        done(plain().run("replicate"));
        done(plain().run("test", "--all", "--from", "mirror"));

        for (String earlier : List.of("keys/aa.public.asc", "repository.json")) {
            Files.writeString(mirror.root().resolve(earlier + ".x1f.unfinished"), "killed earlier than that");
        }
        done(plain().run("cleanup"));
        assertThat(files(mirror.root())).isEqualTo(files(repository));
    }

    @Test
    void an_empty_folder_goes_on_with_the_repository_of_a_store_or_not_at_all() throws Exception {
        done(plain().run("full", "--no-test"));
        List<String> keys = files(repository.resolve("keys"));
        PathUtils.deleteDirectory(repository);

        done(plain().run("full", "--no-test"));
        assertThat(files(repository.resolve("keys"))).isEqualTo(keys);
        done(plain().run("replicate", "--from", "mirror"));
        assertThat(files(repository)).isEqualTo(files(mirror.root()));
        done(plain().run("test", "--all", "--from", "local"));

        Path another = folder.resolve("another");
        Path routes = folder.resolve("installation/routes/store-mirror.camel.yaml");
        String reachable = Files.readString(routes);
        new RouteEdit(routes.getParent()).exchange("store-mirror.camel.yaml", "store-mirror-list-do", """
                - throwException:
                    id: store-mirror-list-away
                    exceptionType: java.net.ConnectException
                    message: Connection refused
                """);
        Program elsewhere = plain().with("BACKUP_DIR", another.toString());
        Aftermath.assertRefused(elsewhere.run("full"), ExitCode.PRECONDITION, "mirror", "cannot be told", "refused");
        assertThat(another.resolve("keys")).doesNotExist();

        Files.writeString(routes, reachable);
        done(elsewhere.without("BACKUP_STORES").run("full", "--no-test"));
        Program.Outcome foreign = done(elsewhere.run("full", "--no-test"));
        assertThat(foreign.message()).contains("the store mirror is behind: it holds another repository");
        assertThat(files(mirror.root())).isEqualTo(files(repository));
    }

    @Test
    void a_store_that_does_not_answer_does_not_keep_status_waiting() throws Exception {
        done(plain().run("full", "--no-test"));
        delay("list", 300_000);

        long began = System.nanoTime();
        Program.Outcome status =
                done(plain().with("BACKUP_SURVEY_TIMEOUT", "1000").run("status"));

        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(60));
        assertThat(status.out())
                .contains("Health Status: DEGRADED", "mirror  0 backups  unreachable: it did not answer");
    }
}
