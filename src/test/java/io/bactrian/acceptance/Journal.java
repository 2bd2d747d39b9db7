package io.bactrian.acceptance;

import static java.util.concurrent.TimeUnit.MINUTES;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;

/** What was streamed of the one cluster in a repository, as another program would read it. */
record Journal(Path repository) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** A scheduler that does nothing but stream, and more often than usual, so that tests do not take long. */
    static Program of(Program program) {
        return program.with("BACKUP_SCHEDULER_ENABLED", "true")
                .with("BACKUP_SCHEDULE_FULL", "off")
                .with("BACKUP_SCHEDULE_INCREMENTAL", "off")
                .with("BACKUP_SCHEDULE_CLEANUP", "off")
                .with("BACKUP_SCHEDULE_INTEGRITY", "off")
                .with("BACKUP_WAL_STREAMING", "true")
                .with("BACKUP_WAL_STREAMING_TICK", "* * * * * ?");
    }

    /** Empty where nothing was streamed. */
    Optional<Path> file() throws IOException {
        Path journals = repository.resolve(".streamed");
        return Files.isDirectory(journals)
                ? Aftermath.entries(journals).stream()
                        .filter(file -> file.toString().endsWith(".json")) // not the one that is being written
                        .findFirst()
                : Optional.empty();
    }

    JsonNode content() throws IOException {
        Optional<Path> file = file();
        return file.isEmpty() ? JSON.createObjectNode() : JSON.readTree(Files.readAllBytes(file.get()));
    }

    /** The last segment. */
    String last() throws IOException {
        return content().path("last").asText();
    }

    /** The last cut. */
    Instant until() throws IOException {
        String time = content().at("/cut/time").asText();
        return time.isEmpty() ? Instant.EPOCH : Instant.parse(time);
    }

    /** What is written all the while is streamed at least until then. */
    void awaitAfter(Instant time) {
        await(() -> until().isAfter(time));
    }

    /** Nobody writes any more, and all of it is streamed. */
    void awaitAllOf(Ledger ledger) {
        await(() -> content().at("/cut/seen").asText().equals(ledger.transactions()));
    }

    private static void await(Callable<Boolean> condition) {
        Awaitility.await()
                .atMost(2, MINUTES)
                .ignoreExceptionsInstanceOf(IOException.class) // it is just being replaced
                .until(condition);
    }
}
