package io.bactrian.repository;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What was run here and how it ended: one JSON object a line in {@code history.jsonl} of the local store. */
public final class History {
    private static final String FILE_NAME = "history.jsonl";

    private final Path file;
    private final String database;
    private final ObjectMapper json = Json.mapper();

    public History(Path root) {
        this(root, "");
    }

    /** @param database whose runs are noted, among several; empty where there is one */
    public History(Path root, String database) {
        this.file = root.resolve(FILE_NAME);
        this.database = database;
    }

    /** One write call a line, so that runs side by side do not mix theirs. */
    public void append(RunRecord run) throws IOException {
        DurableFile.createFolders(file.getParent());
        byte[] line = (separator() + json.writeValueAsString(database.isEmpty() ? run : run.of(database)) + "\n")
                .getBytes(StandardCharsets.UTF_8);
        try (var channel = Files.newByteChannel(
                file,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            channel.write(java.nio.ByteBuffer.wrap(line));
        }
    }

    /** Ends a line that a crash cut short, or the next one would be lost with it. */
    private String separator() throws IOException {
        if (Files.notExists(file) || Files.size(file) == 0) {
            return "";
        }
        try (var channel = Files.newByteChannel(file)) {
            var last = java.nio.ByteBuffer.allocate(1);
            channel.position(channel.size() - 1).read(last);
            return last.get(0) == '\n' ? "" : "\n";
        }
    }

    /** Oldest first. A line that a crash cut short is passed over: the run it was about is told by its successors. */
    public List<RunRecord> read() throws IOException {
        List<RunRecord> runs = new ArrayList<>();
        if (Files.exists(file)) {
            // not readAllLines: it refuses the whole file for half a character
            for (String line : new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                try {
                    runs.add(json.readValue(line, RunRecord.class));
                } catch (JsonProcessingException e) {
                    continue;
                }
            }
        }
        return runs;
    }
}
