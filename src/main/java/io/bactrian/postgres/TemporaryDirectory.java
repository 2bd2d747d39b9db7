package io.bactrian.postgres;

import io.bactrian.Failure;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;

/**
 * A private directory (0700) that goes when it is closed, and that the next run recognizes and removes where no close could
 * happen: it holds a lock, which ends with the process that made it. The unix socket's directory lies apart and is linked
 * from it, since the path of a socket may not exceed some 100 bytes.
 */
public final class TemporaryDirectory implements AutoCloseable {
    private static final String PREFIX = "cluster-";
    /** Marks what is ours: trying a lock that the same process holds would, by POSIX, lose it. */
    private static final String RUN = UUID.randomUUID().toString().substring(0, 8);

    private static final String LOCK = "lock";
    private static final String SOCKETS = "sockets";
    private static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private static final String DATA = "data";

    private final Path path;
    private final FileChannel lock;

    private TemporaryDirectory(Path path, FileChannel lock) {
        this.path = path;
        this.lock = lock;
    }

    /** Makes one in an existing directory, which the account of the server programs must be able to enter. */
    public static TemporaryDirectory in(Path parent) {
        try {
            Path path = Files.createTempDirectory(parent.toRealPath(), PREFIX + RUN + "-", PRIVATE);
            // locked before it bears the name that clearLeftovers looks for
            FileChannel lock = FileChannel.open(newFile(path.resolve(LOCK + ".new")), StandardOpenOption.WRITE);
            lock.lock();
            Files.move(path.resolve(LOCK + ".new"), path.resolve(LOCK), StandardCopyOption.ATOMIC_MOVE);
            Path sockets = Files.createTempDirectory(Path.of("/tmp"), "bactrian-", PRIVATE);
            Files.createSymbolicLink(path.resolve(SOCKETS), sockets);
            return new TemporaryDirectory(path, lock);
        } catch (IOException e) {
            throw Failure.precondition(
                    "Cannot make a temporary directory in " + parent + ": " + e.getMessage(),
                    "Make " + parent + " and /tmp writable, and check the free space.");
        }
    }

    /** The same, for a cluster whose data lies in a directory of its own, which stays when this goes. */
    static TemporaryDirectory beside(Path parent, Path data) {
        TemporaryDirectory directory = in(parent);
        try {
            Files.createSymbolicLink(directory.path.resolve(DATA), data.toRealPath());
            return directory;
        } catch (IOException e) {
            directory.close();
            throw Failure.precondition("Cannot use " + data + ": " + e.getMessage(), "Check its permissions.");
        }
    }

    public Path path() {
        return path;
    }

    /** The data directory of the cluster, which need not exist yet. */
    public Path data() {
        return path.resolve(DATA);
    }

    Path sockets() throws IOException {
        return Files.readSymbolicLink(path.resolve(SOCKETS));
    }

    /** Makes a file that its owner alone may read, or leaves it if it exists. */
    Path file(String name) throws IOException {
        Path file = path.resolve(name);
        return Files.exists(file) ? file : newFile(file);
    }

    /** Makes a folder that its owner alone may enter. */
    Path folder(String name) throws IOException {
        return Files.createDirectory(path.resolve(name), PRIVATE);
    }

    private static Path newFile(Path file) throws IOException {
        return Files.createFile(
                file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }

    /** Lets an account pass through, to what lies in here and belongs to it, but see or change nothing else. */
    void letPass(Account account) throws IOException {
        if (account.switched()) {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx--x--x"));
            if (!account.reaches(path)) {
                throw Failure.precondition(
                        "The account that runs temporary servers (uid " + account.uid() + ") may not enter "
                                + path.getParent(),
                        "Use a directory that others may pass through (chmod o+x), such as /var/tmp, or do not run as root.");
            }
        }
        account.own(sockets());
    }

    @Override
    public void close() {
        try {
            delete(path);
            lock.close();
        } catch (IOException e) {
            throw Failure.running("Cannot remove " + path + ": " + e.getMessage(), "Remove it by hand.");
        }
    }

    /** Removes what runs that were killed, or lost their power, left in a directory. */
    public static void clearLeftovers(Path parent) {
        if (!Files.isDirectory(parent)) {
            return;
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(parent, PREFIX + "*")) {
            for (Path entry : entries) {
                boolean ours = parent.relativize(entry).toString().startsWith(PREFIX + RUN);
                if (!ours && belongsToUs(entry) && isAbandoned(entry)) {
                    endServer(entry.resolve(DATA));
                    delete(entry);
                }
            }
        } catch (IOException e) {
            throw Failure.running("Cannot clear " + parent + ": " + e.getMessage(), "Remove its cluster-* by hand.");
        }
    }

    /** In a place such as /var/tmp anybody may plant a directory whose links point where only we may delete. */
    private static boolean belongsToUs(Path entry) throws IOException {
        return Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)
                && Files.getOwner(entry, LinkOption.NOFOLLOW_LINKS).equals(Files.getOwner(Path.of("/proc/self")));
    }

    private static boolean isAbandoned(Path directory) throws IOException {
        Path file = directory.resolve(LOCK);
        if (!Files.exists(file)) {
            Instant made = Files.getLastModifiedTime(directory).toInstant();
            return made.isBefore(Instant.now().minus(Duration.ofHours(1)));
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
                FileLock mine = channel.tryLock()) {
            return mine != null;
        } catch (NoSuchFileException e) {
            // another run is clearing it just now
            return false;
        }
    }

    /** A server whose guardian was killed too; only one that works in this very directory is meant. */
    private static void endServer(Path data) throws IOException {
        OptionalLong pid = new PostmasterFile(data).pid();
        if (pid.isEmpty()) {
            return;
        }
        Path itsDirectory = Path.of("/proc", String.valueOf(pid.getAsLong()), "cwd");
        if (Files.exists(itsDirectory) && Files.isSameFile(itsDirectory, data)) {
            ProcessHandle.of(pid.getAsLong()).ifPresent(server -> Signal.QUIT.end(server, Duration.ofSeconds(5)));
        }
    }

    private static void delete(Path directory) throws IOException {
        Path link = directory.resolve(SOCKETS);
        if (Files.isSymbolicLink(link)) {
            deleteTree(Files.readSymbolicLink(link));
        }
        deleteTree(directory);
    }

    private static void deleteTree(Path root) throws IOException {
        if (!Files.exists(root)) {
            return;
        }
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
                // the server's last processes may be deleting as well
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, IOException e) throws IOException {
                Files.deleteIfExists(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
