package io.bactrian.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What must be true after any run that did not succeed: it said so, and nothing half-made is left. */
final class Aftermath {
    private Aftermath() {}

    /** A message with these words, a hint, the exit code, and no stack trace. */
    static void assertRefused(Program.Outcome outcome, ExitCode exitCode, String... words) {
        assertThat(outcome.exitCode()).as(outcome.toString()).isEqualTo(exitCode.number());
        assertThat(outcome.message()).as("message").contains(words).contains("Error: ");
        assertThat(outcome.message().lines().filter(line -> line.startsWith("Hint: ") && line.length() > 15))
                .as("hint in " + outcome.message())
                .isNotEmpty();
        assertThat(outcome.out() + outcome.err())
                .doesNotContain("\tat ", "\\tat ", "This was not foreseen", "NullPointerException");
    }

    /** No folder without a manifest, no unfinished file, no link to nothing. */
    static void assertNothingHalfMade(Path repository) throws IOException {
        if (!Files.isDirectory(repository)) {
            return;
        }
        try (Stream<Path> files = Files.walk(repository)) {
            assertThat(files.map(Path::toString)).noneMatch(name -> name.endsWith(".unfinished"));
        }
        for (Path entry : entries(repository.resolve("full"))) {
            if (Files.isDirectory(entry)) {
                assertThat(entry.resolve("manifest.json")).exists();
            } else {
                assertThat(entry).exists();
            }
        }
    }

    /** No database that was being restored, and no folder of an unpacked dump. */
    static void assertNothingHalfRestored(Postgres postgres, Path temporary) throws Exception {
        assertThat(postgres.databases()).noneMatch(name -> name.startsWith("bactrian_restoring_"));
        assertThat(entries(temporary)).isEmpty();
    }

    static List<Path> entries(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.sorted().toList();
        }
    }
}
