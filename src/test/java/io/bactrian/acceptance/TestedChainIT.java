package io.bactrian.acceptance;

import static io.bactrian.acceptance.Aftermath.assertRefused;
import static io.bactrian.acceptance.LoudFailure.assertDone;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.ExitCode;
import io.bactrian.Failure;
import io.bactrian.config.Settings;
import io.bactrian.pipeline.Pipeline;
import io.bactrian.pipeline.Reading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** The integrity test of bases and WAL, and what {@code status} says of them, on a real chain. */
@ExtendWith(Postgres.Shared.class)
class TestedChainIT {
    private static final String DATABASE = "chained";

    @TempDir
    private static Path folder;

    private static Path original;
    private static String full;

    private Path repository;

    @BeforeAll
    static void a_full_with_a_base_and_two_incrementals(Postgres postgres) throws Exception {
        ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).setLevel(Level.OFF);
        Slots.bound(postgres);
        postgres.createDatabase(DATABASE);
        Path place = postgres.serverFolder("tablespace");
        postgres.sql(
                DATABASE,
                "CREATE TABLESPACE far LOCATION '" + place + "'",
                "CREATE TABLE t AS SELECT i, md5(i::text) AS text FROM generate_series(1, 3000) i",
                "CREATE TABLE u TABLESPACE far AS SELECT * FROM t",
                "SELECT pg_switch_wal()",
                "CHECKPOINT");
        original = folder.resolve("repository");
        Program program = program(postgres, original);
        Program.Outcome made = program.run("full");
        assertDone(made);
        assertThat(made.out())
                .as("the automatic test")
                .contains("Tested: database.dump.zst.pgp: digest")
                .contains("Tested: base.tar.zst.pgp: digest, decryption, decompression, tar")
                .containsPattern("Tested: backup_manifest\\S*: .* files as in backup_manifest with their checksums")
                .containsPattern("Tested: WAL from 0/\\S+ to 0/\\S+, [1-9][0-9]* segments?: digest.*, header");
        full = made.backupId();
        for (int i = 0; i < 2; i++) {
            postgres.sql(DATABASE, "INSERT INTO t SELECT i, 'more' FROM generate_series(1, 1000) i");
            assertDone(program.run("incremental", "--no-test"));
        }
    }

    @AfterAll
    static void no_slots_stay(Postgres postgres) throws Exception {
        Slots.dropAll(postgres);
    }

    private static Program program(Postgres postgres, Path repository) {
        return Program.of(repository, postgres.backupUrl(DATABASE));
    }

    @BeforeEach
    void a_copy_to_damage() throws Exception {
        repository = Files.createTempDirectory(folder, "copy").resolve("repository");
        Damage.copy(original, repository);
    }

    private List<Path> incrementals() throws IOException {
        return Aftermath.entries(
                Aftermath.entries(repository.resolve("incremental")).get(0));
    }

    private Path base() throws IOException {
        return Aftermath.entries(Aftermath.entries(repository.resolve("base")).get(0))
                .get(0);
    }

    private Path wal() throws IOException {
        return Aftermath.entries(Aftermath.entries(repository.resolve("wal")).get(0))
                .get(0);
    }

    private Pipeline pipeline(Postgres postgres) {
        return Pipeline.start(
                Settings.read(
                        Program.HOME,
                        Map.of(
                                "BACKUP_DIR", repository.toString(),
                                "DATABASE_URL", postgres.adminUrl(DATABASE),
                                "BACKUP_ENCRYPTION_KEY", Program.PASSPHRASE)),
                Clock.systemUTC(),
                false);
    }

    private static void test(Pipeline pipeline, String route, String id, String level) {
        pipeline.call(route, Map.of(Reading.PROPERTY, Reading.of(id, level)));
    }

    private static ExitCode outcome(Pipeline pipeline, String level) {
        try {
            test(pipeline, "verify", "latest", level);
            return ExitCode.DONE;
        } catch (Failure failure) {
            assertThat(failure.hint()).isNotBlank().doesNotContain("not foreseen");
            return failure.exitCode();
        }
    }

    @Test
    void the_test_of_a_full_covers_its_base_and_all_wal_since(Postgres postgres) throws Exception {
        Program.Outcome tested = program(postgres, repository).run("test");
        assertDone(tested);
        assertThat(tested.out().lines().filter(line -> line.contains("  WAL from ")))
                .hasSize(3);
        assertThat(tested.out()).contains("Backup " + full + " passed (read)");

        JsonNode status = status(postgres);
        assertThat(status.get("backups"))
                .hasSize(5)
                .allSatisfy(backup -> assertThat(backup.has("tested")).isTrue());
    }

    @Test
    void any_damage_to_any_file_of_base_and_wal_is_found(Postgres postgres) throws Exception {
        SoftAssertions softly = new SoftAssertions();
        try (Pipeline pipeline = pipeline(postgres)) {
            for (Path backup :
                    List.of(base(), incrementals().get(0), incrementals().get(2), wal())) {
                for (Path file : Aftermath.entries(backup)) {
                    for (Damage damage : List.of(
                            new Damage("missing", file, bytes -> null),
                            new Damage("cut to half", file, bytes -> java.util.Arrays.copyOf(bytes, bytes.length / 2)),
                            new Damage("flipped", file, bytes -> Damage.flipped(bytes, bytes.length / 2)))) {
                        boolean unseen =
                                backup.equals(incrementals().get(incrementals().size() - 1))
                                        && damage.toString().equals("manifest.json missing");
                        damage.during(() -> softly.assertThat(
                                        List.of(outcome(pipeline, Reading.CHECKSUM), outcome(pipeline, Reading.READ)))
                                .as(backup.getFileName() + " " + damage)
                                .containsOnly(unseen ? ExitCode.DONE : ExitCode.INTEGRITY));
                    }
                }
            }
            assertThat(outcome(pipeline, Reading.READ)).isEqualTo(ExitCode.DONE);
        }
        softly.assertAll();
    }

    @Test
    void segments_that_changed_places_are_found(Postgres postgres) throws Exception {
        List<Path> segments = Aftermath.entries(wal()).stream()
                .filter(file -> file.toString().endsWith(".zst.pgp"))
                .toList();
        byte[] first = Files.readAllBytes(segments.get(0));
        Damage damage = new Damage("swapped", segments.get(1), bytes -> first);
        try (Pipeline pipeline = pipeline(postgres)) {
            damage.during(() -> assertThat(outcome(pipeline, Reading.CHECKSUM)).isEqualTo(ExitCode.INTEGRITY));
        }
    }

    @Test
    void a_missing_incremental_breaks_the_chain_and_status_says_where(Postgres postgres) throws Exception {
        Path lost = incrementals().get(1);
        Path next = incrementals().get(2);
        Files.move(lost, folder.resolve("lost"));
        Program program = program(postgres, repository);

        assertRefused(program.run("test"), ExitCode.INTEGRITY, "is broken", lost.getFileName() + "");
        assertRefused(program.run("test", next.getFileName() + ""), ExitCode.INTEGRITY, lost.getFileName() + "");
        assertRefused(program.run("test", "--all"), ExitCode.INTEGRITY, lost.getFileName() + "");
        JsonNode status = status(postgres);
        assertThat(status.get("health").asText()).isEqualTo("UNHEALTHY");
        assertThat(status.get("chains").get(0).get("faults").get(0).asText())
                .contains(lost.getFileName() + "", next.getFileName() + "");
        Files.move(folder.resolve("lost"), lost);
    }

    @Test
    void one_backup_of_any_kind_can_be_tested_by_its_id(Postgres postgres) throws Exception {
        Program program = program(postgres, repository);

        Program.Outcome ofBase = program.run("test", base().getFileName() + "");
        assertDone(ofBase);
        assertThat(ofBase.out()).contains("configuration.json").doesNotContain("WAL from");
        Program.Outcome all = program.run("test", "--all", "--level", "checksum");
        assertDone(all);
        assertThat(all.out().lines().filter(line -> line.endsWith(" passed (checksum)")))
                .hasSize(5);
    }

    @Test
    void status_shows_the_window_and_what_would_be_lost_now(Postgres postgres) throws Exception {
        Program.Outcome shown = program(postgres, repository).run("status");

        assertDone(shown);
        List<String> lines = shown.out().lines().toList();
        assertThat(lines.get(1)).isEqualTo("Health Status: HEALTHY");
        assertThat(lines.get(2)).as("one full, two incrementals").isEqualTo("Total Backups: 3");
        assertThat(shown.out())
                .contains("Chain " + base().getFileName() + " of cluster ")
                .containsPattern("  Recovery window: 20\\S+Z to 20\\S+Z\n  RPO now: [0-9]+")
                .contains("  Bases: " + base().getFileName())
                .containsPattern("  WAL: 3 incrementals, [0-9.]+ ");
    }

    private JsonNode status(Postgres postgres) throws Exception {
        Program.Outcome shown = program(postgres, repository).run("status", "--json");
        assertDone(shown);
        return new ObjectMapper().readTree(shown.out());
    }
}
