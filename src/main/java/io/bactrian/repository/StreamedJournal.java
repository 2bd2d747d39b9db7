package io.bactrian.repository;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.Failure;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was streamed of each cluster, in a file below BACKUP_DIR. The server keeps all of it until a manifest lists it, so a journal
 * that is lost costs time and nothing else. Only for whoever holds the lock of the cluster's incrementals; everybody may read.
 */
public final class StreamedJournal {
    private static final Logger LOG = LoggerFactory.getLogger(StreamedJournal.class);
    /** Below the local store; not part of the repository. */
    private static final String FOLDER = ".streamed";

    private static final String SUFFIX = ".json";

    private final Path root;
    private final ObjectMapper json = Json.mapper();

    public StreamedJournal(Path root) {
        this.root = root;
    }

    /** Empty if nothing has been, or what was is unreadable or no longer all there. */
    public Optional<StreamedWal> read(String systemId) throws IOException {
        return read(file(systemId));
    }

    /** Of all clusters. */
    public List<StreamedWal> all() throws IOException {
        List<StreamedWal> found = new ArrayList<>();
        if (Files.isDirectory(root.resolve(FOLDER))) {
            try (Stream<Path> files = Files.list(root.resolve(FOLDER))) {
                for (Path file :
                        files.filter(file -> file.toString().endsWith(SUFFIX)).toList()) {
                    read(file).ifPresent(found::add);
                }
            }
        }
        return found;
    }

    private Optional<StreamedWal> read(Path file) throws IOException {
        try {
            StreamedWal streamed = json.readValue(Files.readAllBytes(file), StreamedWal.class);
            if (file.equals(file(streamed.systemId())) && isSound(streamed)) {
                return Optional.of(streamed);
            }
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (JsonProcessingException | RuntimeException e) {
            LOG.atDebug().log("not a journal: {}", e.getMessage());
        }
        LOG.atWarn().addKeyValue("path", file).log("What was streamed is not all there; it is fetched again");
        return Optional.empty();
    }

    /** Each segment from the first to the last once, and its files as long as they were. */
    private boolean isSound(StreamedWal streamed) throws IOException {
        if (streamed.segmentBefore().bytes() != streamed.segmentBytes()
                || (streamed.cut() == null) != streamed.artifacts().isEmpty()) {
            return false;
        }
        long number = streamed.segmentBefore().number();
        for (Artifact artifact : streamed.artifacts()) {
            if (artifact.content().equals(Artifact.WAL)
                    && WalFiles.segment(artifact, streamed.segmentBytes()).number() != ++number) {
                return false;
            }
            if (!isStored(streamed, artifact.name(), artifact.bytes())
                    || artifact.sessionKey() != null
                            && !isStored(
                                    streamed,
                                    artifact.sessionKey().name(),
                                    artifact.sessionKey().bytes())) {
                return false;
            }
        }
        return number == streamed.lastSegment().number();
    }

    private boolean isStored(StreamedWal streamed, String name, long bytes) throws IOException {
        Path file = Layout.resolve(root, Layout.wal(streamed.systemId(), streamed.chain()) + "/" + name);
        return Files.isRegularFile(file) && Files.size(file) == bytes;
    }

    /** In place of what it said before. */
    public void write(StreamedWal streamed) throws IOException {
        DurableFile.write(new ByteArrayInputStream(json.writeValueAsBytes(streamed)), file(streamed.systemId()));
    }

    /** A manifest lists it now, or nobody can use it. */
    public void remove(String systemId) throws IOException {
        Files.deleteIfExists(file(systemId));
    }

    private Path file(String systemId) {
        if (!systemId.matches("[0-9]+")) {
            throw Failure.integrity("\"" + systemId + "\" is not a system identifier", "The file was damaged.");
        }
        return root.resolve(FOLDER).resolve(systemId + SUFFIX);
    }
}
