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
    private final ObjectMapper json = Json.mapper();

    public History(Path root) {
        this.file = root.resolve(FILE_NAME);
    }

    /** One write call a line, so that runs side by side do not mix theirs. */
    public void append(RunRecord run) throws IOException {
        DurableFile.createFolders(file.getParent());
        byte[] line = (json.writeValueAsString(run) + "\n").getBytes(StandardCharsets.UTF_8);
        try (var channel = Files.newByteChannel(
                file,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            channel.write(java.nio.ByteBuffer.wrap(line));
        }
    }

    /** Oldest first. A line that a crash cut short is passed over: the run it was about is told by its successors. */
    public List<RunRecord> read() throws IOException {
        List<RunRecord> runs = new ArrayList<>();
        if (Files.exists(file)) {
            for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
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
