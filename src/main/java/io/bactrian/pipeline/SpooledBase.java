package io.bactrian.pipeline;

import io.bactrian.Failure;
import io.bactrian.repository.DurableFile;
import io.bactrian.repository.LocalStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.camel.Exchange;

/**
 * The {@code spooledBase} step: a folder below BACKUP_DIR for the tar files of a cluster with further tablespaces, which
 * pg_basebackup writes to no stream. Whoever holds the lock of the cluster's bases owns it; what a killed run left goes with the next one.
 */
public final class SpooledBase {
    private static final String FOLDER = ".base-spool-";
    private static final String PROPERTY = "spooledBase";

    private final LocalStore store;

    SpooledBase(LocalStore store) {
        this.store = store;
    }

    /** Sets the exchange property {@code spooledBase} to the path of the empty folder, which goes with the exchange. */
    public void begin(Exchange exchange) throws IOException, SQLException {
        Path folder = folder(exchange);
        clear(folder);
        checkRoom(exchange);
        DurableFile.createFolders(folder);
        Resources.closeAfter(exchange, () -> clear(folder));
        exchange.setProperty(PROPERTY, folder.toString());
    }

    private void checkRoom(Exchange exchange) throws IOException, SQLException {
        long needed;
        try (Connection connection = Backup.of(exchange).server().connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT sum(pg_catalog.pg_tablespace_size(oid)) FROM pg_catalog.pg_tablespace")) {
            row.next();
            needed = row.getLong(1);
        }
        long free = Files.getFileStore(store.root()).getUsableSpace();
        if (free < needed) {
            throw Failure.precondition(
                    store.root() + " has " + Sizes.text(free)
                            + " free, and a base of a cluster with further tablespaces" + " takes " + Sizes.text(needed)
                            + " there until it is packed",
                    "Free space on this disk, or set BACKUP_DIR to a larger one.");
        }
    }

    /** The body becomes the next file, or null after the last one; those that are stored go. */
    public void next(Exchange exchange) throws IOException {
        Backup base = Backup.of(exchange);
        for (Path file : files(folder(exchange))) {
            String name = String.valueOf(file.getFileName());
            if (isStored(base, name)) {
                Files.delete(file);
            }
        }
        Optional<Path> next = files(folder(exchange)).stream().findFirst();
        exchange.getMessage().setBody(next.map(Path::toFile).orElse(null));
    }

    /** The steps of `pack` lengthen the name. */
    private static boolean isStored(Backup base, String name) {
        return base.artifacts().stream()
                .anyMatch(a -> a.name().equals(name) || a.name().startsWith(name + "."));
    }

    private static void clear(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            for (Path file : files(folder)) {
                Files.delete(file);
            }
            Files.delete(folder);
        }
    }

    private Path folder(Exchange exchange) {
        return store.root().resolve(FOLDER + Backup.of(exchange).wal().systemId());
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }
}
