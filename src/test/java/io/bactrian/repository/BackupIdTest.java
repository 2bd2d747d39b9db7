package io.bactrian.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ids and paths come from command lines and from manifests that may be forged. */
class BackupIdTest {
    private static final Path ROOT = Path.of("/srv/backups");

    @Test
    void an_id_says_when_the_backup_began_in_utc_to_the_millisecond() {
        BackupId id = BackupId.full(Instant.parse("2025-01-01T02:00:00.123456Z"));

        assertThat(id).hasToString("full_2025-01-01T02-00-00-123Z");
        assertThat(BackupId.parse("full_2025-01-01T02-00-00-123Z")).contains(id);
        assertThat(id).isLessThan(BackupId.full(Instant.parse("2025-01-01T02:00:00.124Z")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "full_",
                "../../etc/passwd",
                "full_2025-01-01T02-00-00-000Z/..",
                "full_2025-01-01T02-00-00-000Z\n",
                " full_2025-01-01T02-00-00-000Z",
                "full_2025-01-01T02-00-00-000Z; rm -rf ~",
                "--replace",
                "$(id)",
                "full_2025-01-01T02:00:00.000Z",
                "full_٢٠٢٥-٠١-٠١T٠٢-٠٠-٠٠-٠٠٠Z",
            })
    void anything_else_is_no_id(String text) {
        assertThat(BackupId.parse(text)).isEmpty();
        assertThatThrownBy(() -> new BackupId(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "/etc/passwd",
                "..",
                "full/..",
                "full/../../etc",
                "full//x",
                "full/.",
                "full/.ssh",
                "full/-rf",
                "full/a b",
                "full/$(id)",
                "full\\..\\x",
                "full/x\u0000",
                "full/x\n",
                "full/é",
            })
    void a_path_that_could_lead_elsewhere_is_refused(String path) {
        assertThatThrownBy(() -> Layout.resolve(ROOT, path)).isInstanceOfSatisfying(Failure.class, failure -> {
            assertThat(failure.exitCode()).isEqualTo(ExitCode.INTEGRITY);
            assertThat(failure.hint()).isNotBlank();
        });
    }

    @Test
    void paths_of_a_backup_lie_below_the_root() {
        BackupId id = new BackupId("full_2025-01-01T02-00-00-000Z");

        assertThat(Layout.resolve(ROOT, Layout.full(id) + "/" + Manifest.FILE_NAME))
                .isEqualTo(Path.of("/srv/backups/full/full_2025-01-01T02-00-00-000Z/manifest.json"));
        assertThat(Layout.resolve(ROOT, Layout.full(id) + "/database.dump.zst.pgp.key"))
                .isEqualTo(ROOT.resolve("full").resolve(id.text()).resolve("database.dump.zst.pgp.key"));
    }
}
