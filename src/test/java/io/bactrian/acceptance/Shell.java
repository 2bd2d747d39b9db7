package io.bactrian.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Runs what an administrator would type, in a folder. */
record Shell(Path folder, Map<String, String> environment) {
    Program.Outcome run(String line) throws Exception {
        return run(List.of("sh", "-c", line), "");
    }

    Program.Outcome run(List<String> command, String typed) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        try (var input = process.outputWriter()) {
            input.write(typed);
        }
        Program.Outcome outcome = Program.Running.of(process).outcome();
        assertThat(outcome.exitCode()).as(command + "\n" + outcome).isZero();
        return outcome;
    }
}
