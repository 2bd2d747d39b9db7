package io.bactrian.acceptance;

import static io.bactrian.acceptance.Aftermath.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.bactrian.ExitCode;
import io.bactrian.Failure;
import io.bactrian.config.Settings;
import io.bactrian.pipeline.Pipeline;
import io.bactrian.pipeline.Reading;
import io.bactrian.pipeline.Restore;
import io.bactrian.pipeline.RestoreOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Whatever happens to a stored backup is found by a test, and nothing of it is ever restored. */
@ExtendWith(Postgres.Shared.class)
class DamageIT {
    private static final String DATABASE = "damaged";
    private static final String TARGET = "from_a_damaged_backup";

    @TempDir
    private static Path folder;

    private Path repository;
    private Path temporary;
    private Path older;
    private Path newer;

    @BeforeAll
    static void two_backups_in_each_format(Postgres postgres) throws Exception {
        ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).setLevel(Level.OFF);
        postgres.createDatabase(DATABASE);
        postgres.sql(DATABASE, "CREATE TABLE t AS SELECT i, md5(i::text) AS text FROM generate_series(1, 3000) i");
        for (String format : List.of("openpgp", "gpg", "aes-256-cbc", "none")) {
            for (int i = 0; i < 2; i++) {
                assertThat(program(postgres, folder.resolve(format), format)
                                .run("full", "--no-test")
                                .exitCode())
                        .isZero();
            }
        }
    }

    @BeforeEach
    void a_folder_for_what_is_unpacked() throws Exception {
        temporary = Files.createTempDirectory(folder, "temporary");
    }

    @AfterEach
    void nothing_was_restored(Postgres postgres) throws Exception {
        boolean restored = postgres.exists(TARGET);
        postgres.sql("postgres", "DROP DATABASE IF EXISTS " + TARGET);
        assertThat(restored).as("something was restored").isFalse();
        Aftermath.assertNothingHalfRestored(postgres, temporary);
    }

    private static Program program(Postgres postgres, Path repository, String format) {
        Program program = Program.of(repository, postgres.adminUrl(DATABASE));
        return format.equals("none")
                ? program.without("BACKUP_ENCRYPTION_KEY")
                : program.with("BACKUP_ENCRYPTION_FORMAT", format);
    }

    /** A copy to damage, of the repository of this format. */
    private void copyOf(String format) throws Exception {
        repository = Files.createTempDirectory(folder, "copy").resolve(format);
        Damage.copy(folder.resolve(format), repository);
        List<Path> backups = Aftermath.entries(repository.resolve("full"));
        older = backups.get(0);
        newer = backups.get(1);
    }

    private Pipeline pipeline(Postgres postgres, String passphrase) {
        Map<String, String> environment = new HashMap<>(Map.of(
                "BACKUP_DIR", repository.toString(),
                "BACKUP_TEMP_DIR", temporary.toString(),
                "DATABASE_URL", postgres.adminUrl(DATABASE)));
        if (passphrase != null) {
            environment.put("BACKUP_ENCRYPTION_KEY", passphrase);
        }
        return Pipeline.start(Settings.read(Program.HOME, environment), Clock.systemUTC(), false);
    }

    private static void test(Pipeline pipeline, Path backup, String level) {
        pipeline.call("verify", Map.of(Reading.PROPERTY, Reading.of(id(backup), level)));
    }

    /** All of it, the globals too. */
    private static void restore(Pipeline pipeline, Path backup) {
        RestoreOptions options = new RestoreOptions(
                Optional.of(TARGET), Optional.empty(), Optional.empty(), false, false, true, false, false, true, 1);
        pipeline.call(
                "restore",
                Map.of(
                        Reading.PROPERTY,
                        Reading.of(id(backup), Reading.READ),
                        Restore.PROPERTY,
                        Restore.asked(options, Instant.now())));
    }

    private static String id(Path backup) {
        return backup.getFileName().toString();
    }

    /** How each way to read the backup ends, as exit codes: checksum, read, restore. */
    private static List<ExitCode> outcomes(Pipeline pipeline, Path backup) {
        return List.of(
                outcome(() -> test(pipeline, backup, Reading.CHECKSUM)),
                outcome(() -> test(pipeline, backup, Reading.READ)),
                outcome(() -> restore(pipeline, backup)));
    }

    private static ExitCode outcome(Runnable work) {
        try {
            work.run();
            return ExitCode.DONE;
        } catch (Failure failure) {
            assertThat(failure.hint()).isNotBlank().doesNotContain("not foreseen");
            return failure.exitCode();
        }
    }

    private static List<ExitCode> always(ExitCode code) {
        return List.of(code, code, code);
    }

    @ParameterizedTest
    @ValueSource(strings = {"openpgp", "gpg", "aes-256-cbc", "none"})
    void any_damage_to_any_file_is_found_and_nothing_is_restored(String format, Postgres postgres) throws Exception {
        copyOf(format);
        SoftAssertions softly = new SoftAssertions();
        try (Pipeline pipeline = pipeline(postgres, format.equals("none") ? null : Program.PASSPHRASE)) {
            for (Damage damage : Damage.ofEachFile(newer, older)) {
                boolean gone = damage.toString().equals("manifest.json missing");
                damage.during(() -> softly.assertThat(outcomes(pipeline, newer))
                        .as(format + ": " + damage)
                        .isEqualTo(always(gone ? ExitCode.PRECONDITION : ExitCode.INTEGRITY)));
            }
            test(pipeline, newer, Reading.READ); // all damage was undone, so it was the damage that was found
        }
        softly.assertAll();
    }

    @ParameterizedTest
    @ValueSource(strings = {"openpgp", "none"})
    void a_manifest_that_was_edited_is_not_believed(String format, Postgres postgres) throws Exception {
        copyOf(format);
        SoftAssertions softly = new SoftAssertions();
        try (Pipeline pipeline = pipeline(postgres, format.equals("none") ? null : Program.PASSPHRASE)) {
            for (String[] edit : new String[][] {
                {"\"damaged\"", "\"another\""}, {"database.dump", "../keys/x"}, {"\"rows\" : 3000", "\"rows\" : 0"},
            }) {
                Damage damage = new Damage(
                        "edited",
                        newer.resolve("manifest.json"),
                        bytes -> new String(bytes, StandardCharsets.UTF_8)
                                .replace(edit[0], edit[1])
                                .getBytes(StandardCharsets.UTF_8));
                damage.during(() ->
                        softly.assertThat(outcomes(pipeline, newer)).as(edit[1]).isEqualTo(always(ExitCode.INTEGRITY)));
            }
        }
        softly.assertAll();
    }

    @Test
    void a_backup_moved_under_the_name_of_another_is_not_believed(Postgres postgres) throws Exception {
        copyOf("openpgp");
        Path moved = newer.resolveSibling("full_2999-01-01T00-00-00-000Z");
        Files.move(newer, moved);
        try (Pipeline pipeline = pipeline(postgres, Program.PASSPHRASE)) {
            assertThat(outcomes(pipeline, moved)).isEqualTo(always(ExitCode.INTEGRITY));
        }
    }

    @Test
    void a_manifest_without_signature_is_not_believed_where_a_key_is_configured(Postgres postgres) throws Exception {
        copyOf("none");
        Path unsigned = newer;
        copyOf("openpgp");
        Path planted = newer.resolveSibling("full_2999-01-01T00-00-00-000Z");
        Damage.copy(unsigned, planted);
        Path manifest = planted.resolve("manifest.json");
        Files.writeString(manifest, Files.readString(manifest).replace(id(unsigned), id(planted)));
        Files.writeString(
                planted.resolve("manifest.json.sha256"),
                java.util.HexFormat.of()
                                .formatHex(java.security.MessageDigest.getInstance("SHA-256")
                                        .digest(Files.readAllBytes(manifest)))
                        + "  manifest.json\n");
        try (Pipeline pipeline = pipeline(postgres, Program.PASSPHRASE)) {
            assertThat(outcomes(pipeline, planted)).as("beside the key").isEqualTo(always(ExitCode.INTEGRITY));
        }
        Files.move(repository.resolve("keys"), repository.resolve("keys-before"));
        try (Pipeline pipeline = pipeline(postgres, Program.PASSPHRASE)) {
            assertThat(outcomes(pipeline, planted)).as("without the key").isEqualTo(always(ExitCode.INTEGRITY));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"openpgp", "gpg", "aes-256-cbc"})
    void a_wrong_or_missing_passphrase_is_a_missing_precondition(String format, Postgres postgres) throws Exception {
        copyOf(format);
        try (Pipeline pipeline = pipeline(postgres, "quite-another-canary-passphrase")) {
            assertThat(outcomes(pipeline, newer)).as("wrong").isEqualTo(always(ExitCode.PRECONDITION));
        }
        try (Pipeline pipeline = pipeline(postgres, null)) {
            assertThat(outcomes(pipeline, newer))
                    .as("missing; signature and digests need none")
                    .isEqualTo(List.of(ExitCode.DONE, ExitCode.PRECONDITION, ExitCode.PRECONDITION));
        }
    }

    @Test
    void a_damaged_or_missing_key_opens_nothing(Postgres postgres) throws Exception {
        copyOf("openpgp");
        SoftAssertions softly = new SoftAssertions();
        for (Path key : Aftermath.entries(repository.resolve("keys"))) {
            for (Damage damage : List.of(
                    new Damage("missing", key, bytes -> null),
                    new Damage("cut to half", key, bytes -> Arrays.copyOf(bytes, bytes.length / 2)),
                    new Damage("one byte flipped", key, bytes -> Damage.flipped(bytes, bytes.length / 2)))) {
                damage.during(() -> {
                    try (Pipeline pipeline = pipeline(postgres, Program.PASSPHRASE)) {
                        softly.assertThat(outcomes(pipeline, newer))
                                .as(damage.toString())
                                .isSubsetOf(ExitCode.INTEGRITY, ExitCode.PRECONDITION);
                    }
                });
            }
        }
        softly.assertAll();
    }

    /** Whoever can write to the store can put another key there, sign with it, and give it the parts of the real one. */
    @Test
    void a_planted_key_is_not_believed(Postgres postgres) throws Exception {
        copyOf("openpgp");
        Path theirs = folder.resolve("theirs");
        Program.Outcome made = Program.of(theirs, postgres.adminUrl(DATABASE))
                .with("BACKUP_ENCRYPTION_KEY", "the-canary-of-somebody-else")
                .run("full", "--no-test");
        Path planted = repository.resolve("full").resolve(made.backupId());
        Damage.copy(theirs.resolve("full").resolve(made.backupId()), planted);
        Path ours = repository.resolve("keys");
        Path kept = Files.move(ours, repository.resolve("keys-before"));
        Damage.copy(theirs.resolve("keys"), ours);
        try (Pipeline pipeline = pipeline(postgres, Program.PASSPHRASE)) {
            assertThat(outcomes(pipeline, planted)).as("their whole key").isEqualTo(always(ExitCode.PRECONDITION));
        }
        Path theirSecret = only(ours, ".secret.asc");
        Files.write(theirSecret, Files.readAllBytes(only(kept, ".secret.asc")));
        try (Pipeline pipeline = pipeline(postgres, Program.PASSPHRASE)) {
            assertThat(outcomes(pipeline, planted))
                    .as("their certificate, our secret key")
                    .isEqualTo(always(ExitCode.INTEGRITY));
        }
    }

    @Test
    void a_backup_does_not_replace_keys_that_were_lost(Postgres postgres) throws Exception {
        copyOf("openpgp");
        Path kept = Files.move(repository.resolve("keys"), repository.resolve("keys-before"));
        Program program = program(postgres, repository, "openpgp");
        assertRefused(program.run("full"), ExitCode.INTEGRITY, "keys are missing");
        Files.delete(only(Files.move(kept, repository.resolve("keys")), ".public.asc"));
        assertRefused(program.run("full"), ExitCode.INTEGRITY, "keys are missing");
        assertThat(only(repository.resolve("keys"), ".secret.asc")).exists();
        assertThat(Aftermath.entries(repository.resolve("full"))).containsExactly(older, newer);
    }

    private static Path only(Path keys, String suffix) throws Exception {
        return Aftermath.entries(keys).stream()
                .filter(key -> key.toString().endsWith(suffix))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void test_all_goes_on_after_a_damaged_backup_and_status_shows_what_it_found(Postgres postgres) throws Exception {
        copyOf("openpgp");
        Program program = program(postgres, repository, "openpgp");
        Path manifest = older.resolve("manifest.json");
        byte[] whole = Files.readAllBytes(manifest);
        Files.write(manifest, Arrays.copyOf(whole, whole.length / 2));
        Program.Outcome unreadable = program.run("test", "--all");
        assertRefused(unreadable, ExitCode.INTEGRITY, id(older));
        assertThat(unreadable.out()).contains("Backup " + id(newer) + " passed");
        assertStatus(program, 1, "DEGRADED", id(older));

        Files.write(manifest, whole);
        Path dump = older.resolve("database.dump.zst.pgp");
        byte[] bytes = Files.readAllBytes(dump);
        Files.write(dump, Damage.flipped(bytes, bytes.length / 2));
        Program.Outcome flipped = program.run("test", "--all", "--level", "checksum");
        assertRefused(flipped, ExitCode.INTEGRITY, id(older), "SHA-256");
        assertThat(flipped.out()).contains("Backup " + id(newer) + " passed");
        assertStatus(program, 1, "DEGRADED", id(older));

        Files.write(dump, bytes);
        Files.delete(newer.resolve("globals.sql.zst.pgp"));
        assertRefused(program.run("test"), ExitCode.INTEGRITY, "globals.sql.zst.pgp is missing");
        assertStatus(program, 2, "UNHEALTHY", id(newer));
        assertRefused(program.run("restore", "latest", TARGET, "--globals"), ExitCode.INTEGRITY, "globals.sql.zst.pgp");
    }

    private static void assertStatus(Program program, int exitCode, String health, String reason) throws Exception {
        Program.Outcome status = program.run("status", "--exit-code");
        assertThat(status.exitCode()).as(status.toString()).isEqualTo(exitCode);
        assertThat(status.out()).contains("Health Status: " + health);
        assertThat(status.out().lines().filter(line -> line.startsWith("! "))).anyMatch(line -> line.contains(reason));
    }
}
