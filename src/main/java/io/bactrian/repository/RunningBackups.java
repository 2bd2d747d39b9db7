package io.bactrian.repository;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The backups that are being made now, here or in another process: of each a locked file in {@code .running}. Several may be of one
 * kind, so whoever clears what killed runs left passes over these.
 */
public final class RunningBackups {
    private static final String FOLDER = ".running";
    private static final Pattern LOCK_FILE = Pattern.compile("\\.(.+)\\.lock");
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final Path root;
    private final Clock clock;

    RunningBackups(Path root, Clock clock) {
        this.root = root;
        this.clock = clock;
    }

    /** A backup under way; it has ended, whole or not, once this is closed. */
    public record Running(BackupId id, Path file, RunLock lock) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            Files.deleteIfExists(file);
            lock.close();
        }
    }

    /** Alone for a moment: the first steps of two runs may not mix. */
    public RunLock alone() throws IOException {
        return RunLock.acquire(root, "begin", PATIENCE);
    }

    /**
     * Names a backup as no other is named, and holds it.
     *
     * @param name from the moment at which it begins, to the millisecond
     */
    public Running begin(Function<Instant, BackupId> name) throws IOException {
        Instant moment = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        while (true) {
            BackupId id = name.apply(moment);
            Optional<Running> running = isStored(id) ? Optional.empty() : hold(id);
            if (running.isPresent()) {
                return running.get();
            }
            moment = moment.plusMillis(1);
        }
    }

    /** Of a backup that there is, for whoever writes into its folder; empty if somebody does already. */
    public Optional<Running> hold(BackupId id) throws IOException {
        Path folder = root.resolve(FOLDER);
        return RunLock.tryAcquire(folder, id.text())
                .map(lock -> new Running(id, folder.resolve("." + id + ".lock"), lock));
    }

    boolean includes(BackupId id) throws IOException {
        try {
            return RunLock.isHeld(root.resolve(FOLDER), id.text());
        } catch (NoSuchFileException e) {
            return false; // it ended meanwhile
        }
    }

    /** In the order of time. */
    public List<BackupId> all() throws IOException {
        List<BackupId> running = new ArrayList<>();
        for (Path file : files()) {
            Optional<BackupId> id = id(file);
            if (id.isPresent() && includes(id.get())) {
                running.add(id.get());
            }
        }
        return running.stream().sorted().toList();
    }

    /** Removes the files of killed runs; only for whoever is {@link #alone}. */
    void forgetKilled() throws IOException {
        for (Path file : files()) {
            Optional<BackupId> id = id(file);
            if (id.isPresent() && !includes(id.get())) {
                Files.deleteIfExists(file);
            }
        }
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(root.resolve(FOLDER))) {
            return files.toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    private static Optional<BackupId> id(Path file) {
        Matcher name = LOCK_FILE.matcher(String.valueOf(file.getFileName()));
        return name.matches() ? BackupId.parse(name.group(1)) : Optional.empty();
    }

    private boolean isStored(BackupId id) throws IOException {
        Path kind = root.resolve(id.kind());
        if (id.isFull() || !Files.isDirectory(kind)) {
            return Files.exists(kind.resolve(id.text()));
        }
        try (Stream<Path> clusters = Files.list(kind)) {
            return clusters.anyMatch(cluster -> Files.exists(cluster.resolve(id.text())));
        }
    }
}
