package io.bactrian.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import io.bactrian.crypto.Encryption;
import io.bactrian.stream.Compression;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {
    private static final String PASSPHRASE = "correct-canary-battery-staple";

    @TempDir
    private Path home;

    @Test
    void everything_has_a_default() {
        Settings settings = Settings.read(home, Map.of());

        assertThat(settings.directory()).isEqualTo(home.resolve("backups"));
        assertThat(settings.compression()).isEqualTo(Compression.ZSTD);
        assertThat(settings.compressionLevel()).isEqualTo(2);
        assertThat(settings.format()).isEqualTo(DumpFormat.CUSTOM);
        assertThat(settings.encryption()).isEqualTo(Encryption.OPENPGP);
        assertThat(settings.passphrase()).isEmpty();
        assertThat(settings.proof()).isEqualTo("counts");
        assertThat(settings.jobs()).isEqualTo(Runtime.getRuntime().availableProcessors());
        assertThat(settings.programs()).isEmpty();
        assertThat(settings.maxAge()).isEqualTo(Duration.ofHours(26));
        assertThat(settings.logFile()).contains(home.resolve("backups/backup.log"));
        assertThat(settings.signers()).isEmpty();
        assertThat(settings.pitr()).isEqualTo(PitrMode.AUTO);
        assertThat(settings.slotMaxWal()).isEqualTo(16L * 1024 * 1024 * 1024);
        assertThat(settings.baseEvery()).isEmpty();
        assertThat(settings.timezone()).isEqualTo(ZoneId.of("Europe/Oslo"));
        assertThat(settings.clusterUrl()).isEqualTo(settings.databaseUrl());
    }

    @Test
    void what_point_in_time_recovery_needs_can_be_set() {
        assertThat(read("BACKUP_PITR", "on").pitr()).isEqualTo(PitrMode.ON);
        assertThat(read("BACKUP_SLOT_MAX_WAL", "512MB").slotMaxWal()).isEqualTo(512L * 1024 * 1024);
        assertThat(read("BACKUP_SLOT_MAX_WAL", "2TB").slotMaxWal()).isEqualTo(2L * 1024 * 1024 * 1024 * 1024);
        assertThat(read("BACKUP_BASE_EVERY", "7d").baseEvery()).contains(Duration.ofDays(7));
        assertThat(read("BACKUP_TIMEZONE", "UTC").timezone()).isEqualTo(ZoneId.of("UTC"));
        assertThat(read("BACKUP_CLUSTER_URL", "postgresql://primary/shop").clusterUrl())
                .isEqualTo("postgresql://primary/shop");
        assertThat(read("BACKUP_CLUSTER_URL", "postgresql://primary/shop").forRoutes())
                .as("it may hold a password")
                .doesNotContainKey("backup.cluster.url");
    }

    @Test
    void the_environment_goes_before_the_file_and_the_file_before_the_default() throws IOException {
        properties("backup.compression = gzip", "backup.format = plain", "backup.proof =");

        Settings settings = read("BACKUP_FORMAT", "custom");

        assertThat(settings.format()).isEqualTo(DumpFormat.CUSTOM);
        assertThat(settings.compression()).isEqualTo(Compression.GZIP);
        assertThat(settings.compressionLevel()).as("the default of gzip").isEqualTo(6);
        assertThat(settings.proof()).as("empty is as good as absent").isEqualTo("counts");
        assertThat(read("BACKUP_COMPRESSION", " ").compression())
                .as("so it is in the environment")
                .isEqualTo(Compression.GZIP);
    }

    @ParameterizedTest
    @CsvSource({
        "BACKUP_COMPRESSION, lz4",
        "BACKUP_COMPRESSION, ZSTD",
        "BACKUP_COMPRESSION_LEVEL, 0",
        "BACKUP_COMPRESSION_LEVEL, 10",
        "BACKUP_COMPRESSION_LEVEL, x",
        "BACKUP_COMPRESSION_LEVEL, -1",
        "BACKUP_FORMAT, directory",
        "BACKUP_ENCRYPTION_FORMAT, rot13",
        "BACKUP_PROOF, maybe",
        "BACKUP_LOCK_TIMEOUT, soon",
        "BACKUP_LOCK_TIMEOUT, '5min --file=/etc/passwd'",
        "PGDUMP_JOBS, 0",
        "PGDUMP_JOBS, 1000",
        "PGDUMP_JOBS, two",
        "BACKUP_MAX_AGE, 26",
        "BACKUP_MAX_AGE, 0h",
        "BACKUP_LOG_LEVEL, loud",
        "BACKUP_PITR, true",
        "BACKUP_PITR, ON",
        "BACKUP_SLOT_MAX_WAL, 16",
        "BACKUP_WAL_RETRIES, -1",
        "BACKUP_WAL_RETRIES, often",
        "BACKUP_SLOT_MAX_WAL, 16gb",
        "BACKUP_SLOT_MAX_WAL, 0GB",
        "BACKUP_SLOT_MAX_WAL, -1",
        "BACKUP_BASE_EVERY, weekly",
        "BACKUP_BASE_EVERY, 0d",
        "BACKUP_TIMEZONE, Europe/Olso",
        "BACKUP_TIMEZONE, MEZ",
    })
    void a_bad_value_is_refused_with_its_name_and_a_hint(String variable, String value) {
        assert_refused(variable, value);
    }

    /** Such a name can only come from application.properties. */
    @ParameterizedTest
    @ValueSource(strings = {"BACKUP_DIR", "BACKUP_LOG_FILE", "BACKUP_TEMP_DIR", "BACKUP_PG_BIN_DIR"})
    void a_path_that_can_be_none_is_refused(String variable) {
        assert_refused(variable, "a\u0000b");
    }

    private void assert_refused(String variable, String value) {
        Failure failure = catchThrowableOfType(Failure.class, () -> read(variable, value));

        assertThat(failure).as("refused when read, not when used").isNotNull();
        assertThat(failure.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(failure.getMessage() + failure.hint()).contains(variable);
        assertThat(failure.hint()).isNotBlank();
    }

    @Test
    void a_relative_path_counts_from_where_it_was_written() throws IOException {
        properties("backup.dir = in-file", "backup.log.file = logs/x.log");

        assertThat(Settings.read(home, Map.of()).directory()).isEqualTo(home.resolve("in-file"));
        assertThat(read("BACKUP_DIR", "in-environment").directory())
                .isEqualTo(Path.of("in-environment").toAbsolutePath());
        assertThat(read("BACKUP_DIR", "/absolute/../srv").directory()).isEqualTo(Path.of("/srv"));
        assertThat(Settings.read(home, Map.of()).logFile()).contains(home.resolve("in-file/logs/x.log"));
        assertThat(read("BACKUP_LOG_FILE", "off").logFile()).isEmpty();
    }

    @Test
    void the_passphrase_is_the_first_line_of_its_file_or_the_variable_but_not_both() throws IOException {
        Path file = Files.writeString(home.resolve("key"), PASSPHRASE + "\nand a second line\n");
        assertThat(read("BACKUP_ENCRYPTION_KEY_FILE", file.toString()).passphrase())
                .isPresent();
        assertThat(read("BACKUP_ENCRYPTION_KEY", PASSPHRASE).passphrase()).isPresent();

        Settings both = Settings.read(
                home, Map.of("BACKUP_ENCRYPTION_KEY", PASSPHRASE, "BACKUP_ENCRYPTION_KEY_FILE", file.toString()));
        assertThat(catchThrowableOfType(Failure.class, both::passphrase).exitCode())
                .isEqualTo(ExitCode.USAGE);
    }

    @Test
    void a_key_file_that_is_missing_or_no_text_is_refused_by_its_name() throws IOException {
        Path binary = Files.write(home.resolve("key"), new byte[] {(byte) 0xff, (byte) 0xfe, '\n'});
        for (String file : new String[] {"/nowhere", binary.toString()}) {
            Settings settings = read("BACKUP_ENCRYPTION_KEY_FILE", file);
            Failure failure = catchThrowableOfType(Failure.class, settings::passphrase);
            assertThat(failure).hasMessage("cannot read BACKUP_ENCRYPTION_KEY_FILE " + file);
            assertThat(failure.exitCode()).isEqualTo(ExitCode.PRECONDITION);
        }
    }

    @Test
    void routes_see_effective_values_and_no_secret() throws IOException {
        properties("backup.format = plain");

        Map<String, String> forRoutes = Settings.read(
                        home, Map.of("DATABASE_URL", "postgresql://u:canary@h/d", "BACKUP_ENCRYPTION_KEY", PASSPHRASE))
                .forRoutes();

        assertThat(forRoutes)
                .containsEntry("backup.format", "plain")
                .containsEntry("backup.compression.level", "2")
                .containsEntry("backup.dir", home.resolve("backups").toString())
                .doesNotContainKeys("database.url", "backup.encryption.key");
        assertThat(forRoutes.toString()).doesNotContain("canary");
    }

    @Test
    void a_properties_file_that_cannot_be_read_is_named() throws IOException {
        properties("backup.format = \\u12");

        Failure failure = catchThrowableOfType(Failure.class, () -> Settings.read(home, Map.of()));

        assertThat(failure).hasMessageContaining("application.properties");
        assertThat(failure.exitCode()).isEqualTo(ExitCode.USAGE);
    }

    @Test
    void signers_are_compared_without_blanks_and_case() {
        assertThat(read("BACKUP_SIGNERS", "AB CD,, ef01 ").signers()).containsExactly("abcd", "ef01");
    }

    private Settings read(String variable, String value) {
        return Settings.read(home, Map.of(variable, value));
    }

    private void properties(String... lines) throws IOException {
        Files.writeString(
                home.resolve("application.properties"), String.join("\n", lines), StandardCharsets.ISO_8859_1);
    }
}
