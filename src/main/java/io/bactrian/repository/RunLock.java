package io.bactrian.repository;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/** One run of an activity at a time. The kernel holds the lock, so it is gone with the process, however that ends. */
public final class RunLock implements AutoCloseable {
    private static final Duration BETWEEN_ATTEMPTS = Duration.ofMillis(100);

    /**
     * Those that this process holds. The kernel's locks belong to the process, and closing any channel on the file gives them up
     * (fcntl(2)): a file that is held here must not be opened a second time.
     */
    private static final Set<Path> HELD_HERE = new HashSet<>();

    private final Path file;
    private final FileChannel channel;

    private RunLock(Path file, FileChannel channel) {
        this.file = file;
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
        Path file = file(root, activity);
        synchronized (HELD_HERE) {
            if (HELD_HERE.contains(file)) {
                return Optional.empty();
            }
            FileChannel channel = open(file);
            if (!isLocked(channel)) {
                channel.close();
                return Optional.empty();
            }
            HELD_HERE.add(file);
            return Optional.of(new RunLock(file, channel));
        }
    }

    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** Whether a run is at work; it may have ended since. */
    public static boolean isHeld(Path root, String activity) throws IOException {
        if (Files.notExists(root.resolve(name(activity)))) {
            return false;
        }
        Path file = file(root, activity);
        synchronized (HELD_HERE) {
            if (HELD_HERE.contains(file)) {
                return true;
            }
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
                    FileLock shared = channel.tryLock(0, Long.MAX_VALUE, true)) {
                return shared == null;
            }
        }
    }

    private static Path file(Path root, String activity) throws IOException {
        return root.toRealPath().resolve(name(activity));
    }

    private static String name(String activity) {
        return "." + activity + ".lock";
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
        synchronized (HELD_HERE) {
            if (channel.isOpen()) {
                channel.close();
                HELD_HERE.remove(file);
            }
        }
    }
}
