package io.bactrian.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpellingTest {
    @TempDir
    private Path home;

    @ParameterizedTest
    @CsvSource({
        "BACKUP_COMPRESION, BACKUP_COMPRESSION",
        "BACKUP_DRI, BACKUP_DIR",
        "BACKUP_ENCRYPTION_KEYFILE, BACKUP_ENCRYPTION_KEY_FILE",
        "BACKUP_FORMATS, BACKUP_FORMAT",
    })
    void a_near_miss_is_an_error_that_says_what_was_meant(String wrong, String meant) {
        Settings settings = Settings.read(home, Map.of(wrong, "x"));

        assertThatThrownBy(() -> Spelling.check(settings, List.of())).isInstanceOfSatisfying(Failure.class, failure -> {
            assertThat(failure.exitCode()).isEqualTo(ExitCode.USAGE);
            assertThat(failure).hasMessage(wrong + " is not a setting");
            assertThat(failure.hint()).isEqualTo("Did you mean " + meant + "?");
        });
    }

    @Test
    void a_near_miss_in_the_file_is_found_as_well() throws IOException {
        Files.writeString(home.resolve("application.properties"), "backup.compresion = gzip\n");

        assertThatThrownBy(() -> Spelling.check(Settings.read(home, Map.of()), List.of()))
                .hasMessage("BACKUP_COMPRESION is not a setting");
    }

    @Test
    void a_far_miss_is_a_warning_and_a_name_that_routes_use_is_known() {
        Settings settings = Settings.read(
                home, Map.of("BACKUP_MOON_PHASE", "full", "BACKUP_SFTP_HOST", "h", "PATH", "/bin", "BACKUPS", "x"));

        assertThat(Spelling.check(settings, List.of("backup.sftp.host")))
                .containsExactly("BACKUP_MOON_PHASE is not a setting of this version and does nothing");
    }

    @Test
    void the_nearest_name_is_suggested() {
        assertThat(Spelling.suggestion("digst", List.of("digits", "digest", "list")))
                .contains("Did you mean digest?");
        assertThat(Spelling.suggestion("elephant", List.of("camel"))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"'','',0", "a,'',1", "kitten,sitting,3", "flaw,lawn,2", "same,same,0"})
    void distances_are_those_of_levenshtein(String a, String b, int distance) {
        assertThat(Spelling.distance(a, b)).isEqualTo(distance);
        assertThat(Spelling.distance(b, a)).isEqualTo(distance);
    }
}
