package io.bactrian.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Runs what an administrator would type. */
record Shell(Path folder, Map<String, String> environment) {
    record Result(int exitCode, byte[] output, String errors) {
        Result succeeded() {
            assertThat(exitCode).as(errors).isZero();
            return this;
        }

        String text() {
            return new String(output, StandardCharsets.UTF_8);
        }
    }

    Result run(String line) throws IOException, InterruptedException {
        return run(List.of("sh", "-c", line), "");
    }

    Result run(List<String> command, String input) throws IOException, InterruptedException {
        Path errors = Files.createTempFile("errors", null);
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(command).directory(folder.toFile()).redirectError(errors.toFile());
            builder.environment().putAll(environment);
            Process process = builder.start();
            try (OutputStream stdin = process.getOutputStream()) {
                stdin.write(input.getBytes(StandardCharsets.UTF_8));
            }
            byte[] output = process.getInputStream().readAllBytes();
            return new Result(process.waitFor(), output, Files.readString(errors));
        } finally {
            Files.delete(errors);
        }
    }
}
