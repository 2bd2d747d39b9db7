package io.bactrian.postgres;

import io.bactrian.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The files of a base and of its WAL, before a server works on them: in a private directory that goes when this is closed, or in
 * a data directory that stays. They belong to the account that runs servers.
 */
public final class UnpackedBase implements AutoCloseable {
    private static final String TABLESPACE_MAP = "tablespace_map";
    private static final String CHANGED_BY_SQL = "postgresql.auto.conf";
    private static final List<String> NOT_OURS = List.of("recovery.signal", "standby.signal", "postmaster.pid");

    private final TemporaryDirectory directory;
    private final Path tablespaces;
    private final ServerPrograms programs;

    private UnpackedBase(TemporaryDirectory directory, Path tablespaces, ServerPrograms programs) {
        this.directory = directory;
        this.tablespaces = tablespaces;
        this.programs = programs;
    }

    /**
     * @param parent where private directories are made
     * @param stays an empty data directory to fill, or empty for a private one
     */
    public static UnpackedBase in(Tools tools, Path parent, Optional<Path> stays) {
        Account account = Account.forServers();
        TemporaryDirectory directory = stays.map(data -> TemporaryDirectory.beside(parent, data))
                .orElseGet(() -> TemporaryDirectory.in(parent));
        try {
            directory.letPass(account);
            Path tablespaces = stays.map(DataDirectory::tablespacesOf)
                    .orElse(directory.path().resolve("tablespaces"));
            UnpackedBase base = new UnpackedBase(directory, tablespaces, new ServerPrograms(tools, account));
            if (stays.isEmpty()) {
                base.folder(directory.data());
            }
            return base;
        } catch (IOException e) {
            directory.close();
            throw Failure.running("Cannot prepare " + parent + ": " + e.getMessage(), "Check its permissions.");
        } catch (Failure e) {
            directory.close();
            throw e;
        }
    }

    Path data() {
        return directory.data();
    }

    TemporaryDirectory directory() {
        return directory;
    }

    ServerPrograms programs() {
        return programs;
    }

    /** For people: where the files go. */
    public String place() throws IOException {
        return directory.data().toRealPath().getParent().toString();
    }

    /** Free bytes where the files go. */
    public long freeBytes() throws IOException {
        return Files.getFileStore(directory.data()).getUsableSpace();
    }

    /**
     * The program that unpacks a tar archive from its standard input.
     *
     * @param tablespace the object id of the tablespace that is in it, or empty for the cluster itself
     */
    public ProcessBuilder unpacking(Optional<String> tablespace) throws IOException {
        Path into = directory.data();
        if (tablespace.isPresent()) {
            folder(tablespaces);
            into = tablespaces.resolve(tablespace.get());
            folder(into);
        }
        ProcessBuilder tar = new ProcessBuilder(programs.account()
                        .command(List.of(
                                "tar",
                                "--extract",
                                "--file=-",
                                "--directory=" + into,
                                "--no-same-owner",
                                "--preserve-permissions")))
                .directory(Path.of("/").toFile());
        ChildEnvironment.clear(tar.environment());
        return tar;
    }

    private void folder(Path path) throws IOException {
        if (!Files.exists(path)) {
            Files.createDirectory(
                    path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            programs.account().own(path);
        }
    }

    /** Puts a WAL segment or a timeline's history where recovery finds it; several at once may be put. */
    public void putWal(String name, InputStream content) throws IOException {
        Path unfinished = directory.path().resolve(name);
        Files.copy(content, unfinished);
        Files.setPosixFilePermissions(unfinished, PosixFilePermissions.fromString("rw-------"));
        programs.account().own(unfinished);
        Path walFolder = directory.data().resolve("pg_wal");
        try {
            Files.move(unfinished, walFolder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        } catch (java.nio.file.AtomicMoveNotSupportedException e) {
            Files.copy(
                    unfinished,
                    walFolder.resolve(name),
                    StandardCopyOption.REPLACE_EXISTING,
                    StandardCopyOption.COPY_ATTRIBUTES);
            programs.account().own(walFolder.resolve(name));
            Files.delete(unfinished);
        }
    }

    /** Where recovery will begin, as the base says. */
    Lsn start() throws IOException {
        String label = Files.readString(directory.data().resolve("backup_label"), StandardCharsets.UTF_8);
        return label.lines()
                .filter(line -> line.startsWith("START WAL LOCATION: "))
                .map(line -> line.split(" ")[3])
                .flatMap(text -> Lsn.parse(text).stream())
                .findFirst()
                .orElseThrow(() -> Failure.integrity(
                        "the base has no backup_label that says where recovery begins",
                        "It was not made by pg_basebackup: use another base."));
    }

    /** Takes away what would make a server follow its former life: signal files, and tablespaces at their old places. */
    void detach() throws IOException {
        for (String name : NOT_OURS) {
            Files.deleteIfExists(directory.data().resolve(name));
        }
        Path changed = directory.data().resolve(CHANGED_BY_SQL);
        if (Files.exists(changed)) {
            Files.copy(changed, directory.file(CHANGED_BY_SQL), StandardCopyOption.REPLACE_EXISTING);
            Files.delete(changed);
        }
        Path map = directory.data().resolve(TABLESPACE_MAP);
        if (Files.exists(map)) {
            String moved = Files.readString(map, StandardCharsets.UTF_8)
                    .lines()
                    .map(line -> line.split(" ", 2)[0])
                    .filter(oid -> oid.matches("\\d+"))
                    .map(oid -> oid + " " + tablespaces.resolve(oid) + "\n")
                    .collect(Collectors.joining());
            Files.writeString(map, moved, StandardCharsets.UTF_8);
            programs.account().own(map);
        }
    }

    /** What {@code ALTER SYSTEM} had set in the cluster, as text; a server that works on it here ignores that. */
    String changedBySql() throws IOException {
        Path kept = directory.path().resolve(CHANGED_BY_SQL);
        return Files.exists(kept) ? Files.readString(kept, StandardCharsets.UTF_8) : "";
    }

    @Override
    public void close() {
        directory.close();
    }
}
