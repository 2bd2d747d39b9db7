package io.bactrian.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** systemd/backup-scheduler.service, as far as it can be tried where systemd does not run. */
class SystemdUnitTest {
    private static final Path HOME = Path.of("").toAbsolutePath();
    private static final double HARDENED = 2.0;

    @TempDir
    private Path folder;

    private Path unit;

    @BeforeEach
    void as_installed_here() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/systemd-analyze")), "systemd is not installed");
        unit = folder.resolve("backup-scheduler.service");
        Files.writeString(
                unit,
                Files.readString(HOME.resolve("systemd/backup-scheduler.service"))
                        .replace("/opt/bactrian", HOME.toString()));
    }

    private String analyze(String... arguments) throws Exception {
        var command = new java.util.ArrayList<>(java.util.List.of("systemd-analyze"));
        command.addAll(java.util.List.of(arguments));
        command.add(unit.toString());
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }

    @Test
    void systemd_finds_nothing_wrong_with_the_unit() throws Exception {
        assertThat(analyze("verify")).isEmpty();
    }

    @Test
    void the_unit_exposes_little() throws Exception {
        String last = analyze("security", "--offline=true")
                .lines()
                .reduce((a, b) -> b)
                .orElseThrow();
        assertThat(Double.parseDouble(last.replaceAll(".*: ([0-9.]+) .*", "$1")))
                .isLessThan(HARDENED);
    }

    @Test
    void it_runs_the_scheduler_and_waits_as_long_as_that_needs_to_stop() throws Exception {
        assertThat(Files.readAllLines(unit))
                .contains("ExecStart=" + HOME + "/bactrian scheduler start", "KillMode=mixed", "TimeoutStopSec=45");
    }
}
