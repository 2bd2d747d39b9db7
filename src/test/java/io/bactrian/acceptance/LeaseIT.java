package io.bactrian.acceptance;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.RouteEdit;
import io.bactrian.repository.Lease;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a real run reads stays while it reads; what a killed one read does not stay for ever. */
class LeaseIT {
    private static final String URL = "postgresql://nobody@localhost:1/none";
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    @BeforeEach
    void a_repository() throws IOException {
        Files.createDirectories(repository().root());
        Files.writeString(
                repository().root().resolve("repository.json"), "{\"format\":1,\"created\":\"2025-01-01T01:00:00Z\"}");
    }

    private OldRepository repository() {
        return new OldRepository(folder.resolve("repository"));
    }

    private Program program() {
        return Program.of(repository().root(), URL).without("BACKUP_ENCRYPTION_KEY");
    }

    @ParameterizedTest
    @CsvSource({"restore, restore.camel.yaml, restore-lease", "test, verify.camel.yaml, verify-lease"})
    void cleanup_spares_what_is_read_and_a_killed_run_holds_it_until_its_lease_expires(
            String activity, String route, String step) throws Exception {
        String read = repository().full(Duration.ofDays(90));
        String other = repository().full(Duration.ofDays(80));
        repository().full(Duration.ofDays(2));
        repository().full(Duration.ofDays(1));
        Program stalling = stalling(route, step, Duration.ofMinutes(10));

        Instant began = Instant.now();
        Process run = stalling.start(activity, read);
        Program.Running running = Program.Running.of(run);
        Path lease = lease(run);
        JsonNode content = JSON.readTree(Files.readAllBytes(lease));
        assertThat(content.path("activity").asText()).isEqualTo(activity);
        assertThat(content.path("backups").path(0).asText()).isEqualTo(read);
        assertThat(Instant.parse(content.path("until").asText())).isAfter(began.plus(Lease.TERM));

        LoudFailure.assertDone(program().run("cleanup"));
        assertThat(repository().fulls()).hasSize(3).contains(read).doesNotContain(other);

        run.destroyForcibly();
        running.outcome();
        LoudFailure.assertDone(program().run("cleanup"));
        assertThat(repository().fulls()).contains(read);

        ((ObjectNode) content).put("until", Instant.now().minusSeconds(1).toString());
        Files.write(lease, JSON.writeValueAsBytes(content));
        LoudFailure.assertDone(program().run("cleanup"));
        assertThat(repository().fulls()).hasSize(2).doesNotContain(read);
        assertThat(leases()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "restore %s, restore.camel.yaml, restore-lease, 3",
        "test %s --level checksum, verify.camel.yaml, verify-lease, 0"
    })
    void a_run_that_ends_returns_its_lease_whether_it_succeeds_or_fails(
            String command, String route, String step, int exitCode) throws Exception {
        String read = repository().full(Duration.ofDays(1));

        Process run = stalling(route, step, Duration.ofSeconds(2))
                .start(command.formatted(read).split(" "));
        Program.Running running = Program.Running.of(run);
        lease(run);

        Program.Outcome outcome = running.outcome();
        assertThat(outcome.exitCode()).as(outcome.toString()).isEqualTo(exitCode);
        assertThat(leases()).isEmpty();
    }

    /** Waits once it has its lease. */
    private Program stalling(String route, String step, Duration stall) throws IOException {
        Path installation = folder.resolve("installation");
        Program program = program().installedIn(installation);
        new RouteEdit(installation.resolve("routes")).add(route, step, """
                - delay:
                    id: stall
                    constant:
                      expression: "%d"
                """.formatted(stall.toMillis()));
        return program;
    }

    private Path lease(Process of) {
        return await().atMost(60, SECONDS)
                .pollInterval(50, MILLISECONDS)
                .failFast(() -> !of.isAlive())
                .until(this::leases, leases -> !leases.isEmpty())
                .get(0);
    }

    private List<Path> leases() throws IOException {
        Path leases = repository().root().resolve("leases");
        if (!Files.isDirectory(leases)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(leases)) {
            return files.filter(file -> file.toString().endsWith(".json")).toList();
        }
    }
}
