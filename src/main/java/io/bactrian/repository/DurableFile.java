package io.bactrian.repository;

import io.bactrian.Failure;
import io.bactrian.stream.Streams;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.List;
import java.util.Set;
import java.util.stream.StreamSupport;

/** Writes files so that they are whole and on disk, or not there at all: temporary name, fsync, rename, fsync of the folder. */
public final class DurableFile {
    /** What a write that did not end is called; whatever carries it may be deleted once no run is at work. */
    public static final String UNFINISHED = ".unfinished";

    private DurableFile() {}

    /** Whether a path is that of a write that has not ended. */
    public static boolean isUnfinished(String path) {
        return path.endsWith(UNFINISHED);
    }

    /** What writes of a file that were killed left, or that are under way. */
    static List<Path> remnants(Path target) throws IOException {
        Path folder = target.getParent();
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (DirectoryStream<Path> files =
                Files.newDirectoryStream(folder, target.getFileName() + "{,.x*}" + UNFINISHED)) {
            return StreamSupport.stream(files.spliterator(), false).sorted().toList();
        }
    }

    /**
     * Returns the bytes written. On any failure, the source's included, nothing is left behind. Only one writer at a time: it
     * overwrites what one that was killed left.
     */
    public static long write(InputStream source, Path target) throws IOException {
        return write(source, target, "");
    }

    /** As {@link #write}, whoever else writes the same file at the same time; the last one to end prevails. */
    public static long writeBesideOthers(InputStream source, Path target) throws IOException {
        return write(source, target, ".x" + Long.toHexString(new SecureRandom().nextLong()));
    }

    private static long write(InputStream source, Path target, String infix) throws IOException {
        createFolders(target.getParent());
        Path unfinished = target.resolveSibling(target.getFileName() + infix + UNFINISHED);
        try {
            long bytes = copy(source, unfinished);
            Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
            sync(target.getParent());
            return bytes;
        } catch (FileSystemException e) {
            throw diskFailure(target, e);
        } finally {
            Files.deleteIfExists(unfinished);
        }
    }

    private static long copy(InputStream source, Path file) throws IOException {
        Files.deleteIfExists(file);
        long total = 0;
        try (FileChannel channel = FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            SteadyFlush flush = new SteadyFlush(channel);
            byte[] buffer = new byte[Streams.BUFFER_BYTES];
            for (int n; (n = source.read(buffer)) >= 0; ) {
                ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, n);
                onDisk(file, () -> writeFully(channel, flush, bytes));
                total += n;
            }
            onDisk(file, flush::end);
        }
        return total;
    }

    @FunctionalInterface
    private interface DiskAction {
        void run() throws IOException;
    }

    /** A failing read is the source's own story; only a failing write is about this disk. */
    private static void onDisk(Path file, DiskAction action) throws FileSystemException {
        try {
            action.run();
        } catch (IOException e) {
            throw new FileSystemException(file.toString(), null, e.getMessage());
        }
    }

    private static void writeFully(FileChannel channel, SteadyFlush flush, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            flush.written(channel.write(bytes));
        }
    }

    /** Makes the entries of a folder durable: a rename is on disk only after this. */
    public static void sync(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Creates a folder and what is missing above it, 0700, and syncs each one's parent. */
    public static void createFolders(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            return;
        }
        try {
            if (folder.getParent() != null) {
                createFolders(folder.getParent());
            }
            Files.createDirectory(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            if (folder.getParent() != null) {
                sync(folder.getParent());
            }
        } catch (java.nio.file.FileAlreadyExistsException e) {
            if (!Files.isDirectory(folder)) {
                throw diskFailure(folder, new FileSystemException(folder.toString(), null, "it is not a folder"));
            }
        } catch (FileSystemException e) {
            throw diskFailure(folder, e);
        }
    }

    /** What a person is told when the operating system refused to write. */
    static Failure diskFailure(Path path, FileSystemException e) {
        String reason = e instanceof AccessDeniedException
                ? "permission denied"
                : e.getReason() == null ? e.getClass().getSimpleName() : e.getReason();
        return new Failure(
                io.bactrian.ExitCode.FAILED,
                "cannot write " + path + ": " + reason,
                reason.contains("No space")
                        ? "Free space on this disk, or set BACKUP_DIR to a larger one; nothing half-written was kept."
                        : "This user must be able to write there: below BACKUP_DIR, or in the folder of another store;"
                                + " nothing half-written was kept.",
                e);
    }
}
