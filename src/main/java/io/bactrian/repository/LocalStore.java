package io.bactrian.repository;

import io.bactrian.Failure;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.Header;

/** The store in BACKUP_DIR. The four operations are those of every store; {@code docs/stores.md} is their contract. */
public final class LocalStore {
    private final Path root;
    private final Clock clock;
    private final RunningBackups running;

    public LocalStore(Path root, Clock clock) {
        this.root = root;
        this.clock = clock;
        this.running = new RunningBackups(root, clock);
    }

    /** For routes: a store in another folder, such as a second disk or a mounted share. */
    public static LocalStore at(String folder) {
        return new LocalStore(Path.of(folder), Clock.systemUTC());
    }

    public Path root() {
        return root;
    }

    public RunningBackups running() {
        return running;
    }

    /** Stores the body durably under a path, and returns it as a file. The stream is closed in any case. */
    public File put(@Header(Exchange.FILE_NAME) String path, @Body InputStream body) throws IOException {
        try (body) {
            Path target = Layout.resolve(root, path);
            DurableFile.writeBesideOthers(body, target);
            return target.toFile();
        }
    }

    /** The stored file, in place. */
    public File get(@Header(Exchange.FILE_NAME) String path) {
        Path file = Layout.resolve(root, path);
        if (!Files.isRegularFile(file)) {
            throw Failure.integrity(
                    path + " is missing in " + root,
                    "This backup is not whole: restore another one, or bring the file back from a copy.");
        }
        return file.toFile();
    }

    /** The paths of all files below a folder, sorted. Of what is no folder: what killed writes left of a file of that name. */
    public List<String> list(@Header(Exchange.FILE_NAME) String folder) throws IOException {
        Path start = Layout.resolve(root, folder);
        if (!Files.isDirectory(start)) {
            return DurableFile.remnants(start).stream()
                    .map(file -> root.relativize(file).toString())
                    .toList();
        }
        try {
            return new FileTree(root).below(start);
        } catch (UncheckedIOException e) {
            throw Failure.precondition(
                    "cannot read " + start, "Run this as the user that owns BACKUP_DIR, or give that user access.");
        }
    }

    /** Deletes one file; a missing one is no error. A folder that becomes empty goes with it. */
    public void delete(@Header(Exchange.FILE_NAME) String path) throws IOException {
        Path file = Layout.resolve(root, path);
        Files.deleteIfExists(file);
        Path folder = file.getParent();
        if (!folder.equals(root) && Files.isDirectory(folder)) {
            try (Stream<Path> entries = Files.list(folder)) {
                if (entries.findAny().isPresent()) {
                    return;
                }
            }
            Files.delete(folder);
        }
    }

    /** Removes the folder of a backup that has no manifest: it never existed. One that has is left alone. */
    public boolean discard(String path) throws IOException {
        Path folder = Layout.resolve(root, path);
        if (!Files.isDirectory(folder) || Files.exists(folder.resolve(Manifest.FILE_NAME))) {
            return false;
        }
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, IOException e) throws IOException {
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
        return true;
    }

    /**
     * Discards what killed runs left behind of one kind of backup; only for whoever is {@link RunningBackups#alone}. Returns what went.
     *
     * @param kind {@link Layout#FULL}, {@link Layout#BASE} or {@link Layout#INCREMENTAL}
     */
    public List<String> clearUnfinished(String kind) throws IOException {
        running.forgetKilled();
        List<String> cleared = new ArrayList<>();
        for (Path folder : kind.equals(Layout.FULL) ? List.of(root.resolve(kind)) : entries(root.resolve(kind))) {
            clearUnfinished(kind, folder, cleared);
        }
        return cleared;
    }

    /** As {@link #clearUnfinished}, of the WAL of a cluster; only for whoever holds the lock of its incrementals. */
    public List<String> clearUnfinishedWal(String systemId) throws IOException {
        List<String> cleared = new ArrayList<>();
        for (Path chain : entries(root.resolve(Layout.WAL).resolve(systemId))) {
            cleared.addAll(clearUnfinishedIn(chain));
        }
        return cleared;
    }

    private void clearUnfinished(String kind, Path folder, List<String> cleared) throws IOException {
        for (Path entry : entries(folder)) {
            String path = root.relativize(entry).toString();
            Optional<BackupId> id = BackupId.parse(String.valueOf(entry.getFileName()))
                    .filter(named -> named.kind().equals(kind));
            boolean backup = id.isPresent();
            if (backup && running.includes(id.get())) {
                continue;
            }
            if (backup && discard(path)) {
                cleared.add(path);
            } else if (DurableFile.isUnfinished(path) || (Files.isSymbolicLink(entry) && Files.notExists(entry))) {
                Files.delete(entry);
                cleared.add(path);
            } else if (backup) {
                cleared.addAll(clearUnfinishedIn(entry));
            }
        }
    }

    private static List<Path> entries(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.sorted().toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    private List<String> clearUnfinishedIn(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> unfinished =
                    files.filter(f -> DurableFile.isUnfinished(f.toString())).toList();
            for (Path file : unfinished) {
                Files.delete(file);
            }
            return unfinished.stream().map(f -> root.relativize(f).toString()).toList();
        }
    }

    /** When the repository was made, as {@code repository.json} says it: what tells it from others. */
    public String created() throws IOException {
        describe();
        return Json.mapper()
                .readTree(root.resolve(Layout.REPOSITORY).toFile())
                .path("created")
                .asText();
    }

    /** Writes {@code repository.json} once. */
    public void describe() throws IOException {
        Path file = root.resolve(Layout.REPOSITORY);
        if (Files.notExists(file)) {
            byte[] json = Json.mapper()
                    .writerWithDefaultPrettyPrinter()
                    .writeValueAsString(Map.of(
                            "format",
                            Manifest.FORMAT,
                            "created",
                            clock.instant().toString()))
                    .getBytes(StandardCharsets.UTF_8);
            DurableFile.write(new java.io.ByteArrayInputStream(json), file);
        }
    }
}
