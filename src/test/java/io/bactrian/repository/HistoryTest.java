package io.bactrian.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryTest {
    private static final RunRecord FIRST = run("first blåbær");
    private static final RunRecord SECOND = run("second");

    @TempDir
    private Path root;

    @Test
    void runs_are_read_in_the_order_they_were_written() throws IOException {
        History history = new History(root.resolve("new"));
        assertThat(history.read()).isEmpty();

        history.append(FIRST);
        history.append(SECOND);

        assertThat(history.read()).containsExactly(FIRST, SECOND);
        assertThat(root.resolve("new/history.jsonl")).content().hasLineCount(2).doesNotContain("null");
    }

    @Test
    void a_line_cut_short_anywhere_costs_only_that_run() throws IOException {
        Path file = root.resolve("history.jsonl");
        History history = new History(root);
        history.append(FIRST);
        byte[] line = Files.readAllBytes(file);
        for (int length = 1; length < line.length - 1; length++) {
            Files.write(file, line);
            Files.write(file, Arrays.copyOf(line, length), StandardOpenOption.APPEND);

            history.append(SECOND);

            assertThat(history.read()).as("cut after %d bytes", length).containsExactly(FIRST, SECOND);
        }
    }

    @Test
    void members_of_later_versions_are_passed_over() throws IOException {
        Files.writeString(
                root.resolve("history.jsonl"),
                "{\"activity\":\"drill\",\"started\":\"2025-01-01T02:00:00Z\",\"durationMillis\":5,\"rto\":7}\n",
                StandardCharsets.UTF_8);

        assertThat(new History(root).read()).singleElement().satisfies(run -> {
            assertThat(run.activity()).isEqualTo("drill");
            assertThat(run.succeeded()).isTrue();
        });
    }

    @Test
    void one_run_of_an_activity_at_a_time() throws IOException {
        try (RunLock held = RunLock.acquire(root, "full");
                RunLock other = RunLock.acquire(root, "cleanup")) {
            assertThat(held).isNotSameAs(other);
            assertThatThrownBy(() -> RunLock.acquire(root, "full")).isInstanceOfSatisfying(Failure.class, busy -> {
                assertThat(busy.exitCode()).isEqualTo(ExitCode.BUSY);
                assertThat(busy.hint()).isNotBlank();
            });
        }
        RunLock.acquire(root, "full").close();
    }

    private static RunRecord run(String error) {
        return new RunRecord(
                "full",
                Instant.parse("2025-01-01T02:00:00Z"),
                1234,
                new BackupId("full_2025-01-01T02-00-00-000Z"),
                null,
                error);
    }
}
