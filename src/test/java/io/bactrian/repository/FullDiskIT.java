package io.bactrian.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real small disk. */
class FullDiskIT {
    private static final int DISK_BYTES = 256 * 1024;

    @TempDir
    private Path disk;

    private boolean mounted;

    @BeforeEach
    void mount_a_small_tmpfs() throws Exception {
        mounted = run("mount", "-t", "tmpfs", "-o", "size=" + DISK_BYTES, "bactrian-test", disk.toString());
        assumeTrue(mounted, "a tmpfs can be mounted by root only");
    }

    @AfterEach
    void unmount() throws Exception {
        if (mounted) {
            assertThat(run("umount", disk.toString())).isTrue();
        }
    }

    @Test
    void a_full_disk_is_named_and_keeps_nothing_half_written() throws IOException {
        Path target = disk.resolve("full/database.dump");

        assertThatThrownBy(() -> DurableFile.write(new ByteArrayInputStream(new byte[2 * DISK_BYTES]), target))
                .isInstanceOfSatisfying(Failure.class, failure -> {
                    assertThat(failure.exitCode()).isEqualTo(ExitCode.FAILED);
                    assertThat(failure).hasMessageContaining("No space left on device");
                    assertThat(failure.hint()).startsWith("Free space on this disk");
                });

        try (var left = Files.list(disk.resolve("full"))) {
            assertThat(left).isEmpty();
        }
        DurableFile.write(new ByteArrayInputStream(new byte[DISK_BYTES / 2]), target);
        assertThat(target).hasSize(DISK_BYTES / 2);
    }

    private static boolean run(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor() == 0;
    }
}
