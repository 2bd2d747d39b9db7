package io.bactrian.pipeline;

import io.bactrian.Failure;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/** A private folder for what is unpacked, 0700, gone with its run; what a killed run left goes with the next one. */
final class Workspace implements AutoCloseable {
    private static final String PREFIX = "bactrian-restore-";
    private static final String LOCK = ".lock";

    private final Path folder;
    private final FileChannel lock;

    private Workspace(Path folder, FileChannel lock) {
        this.folder = folder;
        this.lock = lock;
    }

    static Workspace create(Path parent) throws IOException {
        try {
            clearLeftovers(parent);
            Path folder = Files.createTempDirectory(parent, PREFIX); // 0700 by its contract
            FileChannel lock =
                    FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (lock.tryLock() == null) {
                throw new IOException("the lock of a new folder is taken");
            }
            return new Workspace(folder, lock);
        } catch (java.nio.file.FileSystemException e) {
            throw Failure.precondition(
                    "cannot make a folder in " + parent + ": " + e.getMessage(),
                    "Set BACKUP_TEMP_DIR to a folder that this user can write in.");
        }
    }

    Path folder() {
        return folder;
    }

    void checkRoom(long needed) throws IOException {
        checkRoom(folder.getParent(), needed);
    }

    static void checkRoom(Path parent, long needed) throws IOException {
        long free = Files.getFileStore(parent).getUsableSpace();
        if (free < needed) {
            throw Failure.precondition(
                    parent + " has " + Sizes.text(free) + " free, what is unpacked or fetched needs "
                            + Sizes.text(needed),
                    "Set BACKUP_TEMP_DIR to a folder with more room.");
        }
    }

    private static void clearLeftovers(Path parent) throws IOException {
        List<Path> folders;
        try (Stream<Path> entries = Files.list(parent)) {
            folders = entries.filter(p -> String.valueOf(p.getFileName()).startsWith(PREFIX))
                    .filter(Files::isWritable)
                    .toList();
        }
        for (Path leftover : folders) {
            if (isDead(leftover)) {
                delete(leftover);
            }
        }
    }

    private static boolean isDead(Path folder) throws IOException {
        Path lock = folder.resolve(LOCK);
        if (Files.notExists(lock)) {
            return false; // just being made
        }
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE);
                FileLock taken = channel.tryLock()) {
            return taken != null;
        } catch (java.nio.channels.OverlappingFileLockException e) {
            return false;
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }

    @Override
    public void close() throws IOException {
        delete(folder);
        lock.close();
    }
}
