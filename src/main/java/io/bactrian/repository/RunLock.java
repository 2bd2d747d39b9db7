package io.bactrian.repository;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** One run of an activity at a time. The kernel holds the lock, so it is gone with the process, however that ends. */
public final class RunLock implements AutoCloseable {
    private final FileChannel channel;

    private RunLock(FileChannel channel) {
        this.channel = channel;
    }

    /** @throws Failure with exit code 75 if another run has it */
    public static RunLock acquire(Path root, String activity) throws IOException {
        DurableFile.createFolders(root);
        Path file = root.resolve("." + activity + ".lock");
        FileChannel channel = open(file);
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return new RunLock(channel);
            }
        } catch (OverlappingFileLockException e) {
            // a run in this very process has it
        }
        channel.close();
        throw new Failure(
                ExitCode.BUSY,
                "another " + activity + " run is at work in " + root,
                "Wait until it ends; `bactrian status` shows its outcome.");
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
