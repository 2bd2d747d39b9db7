package io.bactrian.repository;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/** One run of an activity at a time. The kernel holds the lock, so it is gone with the process, however that ends. */
public final class RunLock implements AutoCloseable {
    private static final Duration BETWEEN_ATTEMPTS = Duration.ofMillis(100);

    private final FileChannel channel;

    private RunLock(FileChannel channel) {
        this.channel = channel;
    }

    /** @throws Failure with exit code 75 if another run has it */
    public static RunLock acquire(Path root, String activity) throws IOException {
        return acquire(root, activity, Duration.ZERO);
    }

    /**
     * Waits for it as long as {@code patience} says.
     *
     * @throws Failure with exit code 75 if another run still has it then
     */
    public static RunLock acquire(Path root, String activity, Duration patience) throws IOException {
        long deadline = System.nanoTime() + patience.toNanos();
        Optional<RunLock> lock = tryAcquire(root, activity);
        while (lock.isEmpty()
                && System.nanoTime() < deadline
                && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(BETWEEN_ATTEMPTS.toNanos());
            lock = tryAcquire(root, activity);
        }
        return lock.orElseThrow(() -> new Failure(
                ExitCode.BUSY,
                "another " + activity + " run is at work in " + root,
                "Wait until it ends; `bactrian status` shows its outcome."));
    }

    /** Empty if another run has it. */
    public static Optional<RunLock> tryAcquire(Path root, String activity) throws IOException {
        DurableFile.createFolders(root);
        FileChannel channel = open(root.resolve("." + activity + ".lock"));
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return Optional.of(new RunLock(channel));
            }
        } catch (OverlappingFileLockException e) {
            // a run in this very process has it
        }
        channel.close();
        return Optional.empty();
    }

    /** Whether a run is at work; it may have ended since. */
    public static boolean isHeld(Path root, String activity) throws IOException {
        Path file = root.resolve("." + activity + ".lock");
        if (Files.notExists(file)) {
            return false;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
                FileLock shared = channel.tryLock(0, Long.MAX_VALUE, true)) {
            return shared == null;
        } catch (OverlappingFileLockException e) {
            return true;
        }
    }

    private static FileChannel open(Path file) throws IOException {
        try {
            return FileChannel.open(
                    file,
                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (FileSystemException e) {
            throw DurableFile.diskFailure(file, e);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
