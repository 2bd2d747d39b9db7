package io.bactrian.postgres;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A data directory that somebody asked for, while it is being made: 0700, of the account that runs servers. Unless it is kept it
 * is emptied again; what a killed run left in it goes with the next run that is given the same.
 */
public final class DataDirectory implements AutoCloseable {
    private static final String UNFINISHED = "bactrian.unfinished";
    private static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rwx------");

    private final Path path;
    private final boolean made;
    private final FileChannel lock;
    private boolean kept;

    private DataDirectory(Path path, boolean made, FileChannel lock) {
        this.path = path;
        this.made = made;
        this.lock = lock;
    }

    /**
     * @param path must not exist, or be empty; its parent must exist
     * @throws Failure a precondition, or that another run is at work in it
     */
    public static DataDirectory claim(Path path) {
        try {
            boolean made = !Files.exists(path);
            if (made) {
                Files.createDirectory(path, PosixFilePermissions.asFileAttribute(PRIVATE));
            }
            Path real = path.toRealPath();
            FileChannel lock = lock(real);
            DataDirectory directory = new DataDirectory(real, made, lock);
            directory.empty(real);
            Files.setPosixFilePermissions(real, PRIVATE);
            Account account = Account.forServers();
            account.own(real);
            if (!account.reaches(real)) {
                directory.close();
                throw Failure.precondition(
                        "the account that runs servers (uid " + account.uid() + ") may not enter " + real,
                        "Choose a directory that it can reach, such as one below /var/lib/postgresql.");
            }
            return directory;
        } catch (IOException e) {
            throw Failure.precondition(
                    "cannot make the data directory " + path + ": " + e,
                    "Its parent must exist, and this user must be allowed to write there.");
        }
    }

    private static FileChannel lock(Path path) throws IOException {
        Path mark = path.resolve(UNFINISHED);
        if (!Files.exists(mark)) {
            try (Stream<Path> entries = Files.list(path)) {
                if (entries.anyMatch(entry -> !entry.getFileName().toString().equals("lost+found"))
                        || Files.exists(tablespacesOf(path))) {
                    throw Failure.precondition(
                            path + " is not empty, or there is " + tablespacesOf(path),
                            "Give a directory that does not exist yet, or an empty one.");
                }
            }
        }
        FileChannel channel = FileChannel.open(
                mark,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        if (channel.tryLock() == null) {
            channel.close();
            throw new Failure(
                    ExitCode.BUSY,
                    "another run is at work in " + path,
                    "Wait until it ends, or give another directory.");
        }
        return channel;
    }

    /** Where the tablespaces of a data directory go: beside it, each in a folder named by its object id. */
    static Path tablespacesOf(Path data) {
        return data.resolveSibling(data.getFileName() + ".tablespaces");
    }

    public Path path() {
        return path;
    }

    /** It is whole: from now on it stays. */
    public void keep() throws IOException {
        Files.delete(path.resolve(UNFINISHED));
        kept = true;
    }

    @Override
    public void close() throws IOException {
        if (!kept) {
            empty(path);
            Files.deleteIfExists(path.resolve(UNFINISHED));
            if (made) {
                Files.deleteIfExists(path);
            }
        }
        lock.close();
    }

    /** All but the mark, which says until the end whose it is. */
    private void empty(Path directory) throws IOException {
        Path tablespaces = tablespacesOf(directory);
        for (Path root : List.of(directory, tablespaces)) {
            if (Files.isDirectory(root)) {
                Files.walkFileTree(root, new Removal(root.equals(directory) ? root : null));
            }
        }
    }

    private static final class Removal extends SimpleFileVisitor<Path> {
        private final Path stays;

        Removal(Path stays) {
            this.stays = stays;
        }

        @Override
        public FileVisitResult preVisitDirectory(Path visited, BasicFileAttributes attributes) {
            return visited.getParent().equals(stays) && visited.endsWith("lost+found")
                    ? FileVisitResult.SKIP_SUBTREE
                    : FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            if (!(file.getParent().equals(stays) && file.endsWith(UNFINISHED))) {
                Files.deleteIfExists(file);
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path visited, IOException e) throws IOException {
            if (!visited.equals(stays)) {
                Files.deleteIfExists(visited);
            }
            return FileVisitResult.CONTINUE;
        }
    }
}
