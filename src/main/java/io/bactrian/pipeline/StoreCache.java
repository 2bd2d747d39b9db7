package io.bactrian.pipeline;

import io.bactrian.Failure;
import io.bactrian.repository.DurableFile;
import io.bactrian.repository.Layout;
import io.bactrian.repository.LocalStore;
import io.bactrian.repository.Manifest;
import io.bactrian.repository.Store;
import io.bactrian.repository.Survey;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.commons.io.input.BoundedInputStream;

/**
 * The {@code cache} step: manifests of further stores, kept below BACKUP_DIR once they were fetched. A manifest never changes, so a
 * copy is good as long as it is listed; it is authenticated each time, as any other.
 */
public final class StoreCache {
    private static final String FOLDER = ".cache";

    private final LocalStore local;

    StoreCache(LocalStore local) {
        this.local = local;
    }

    /** The body becomes the file, or null where the store has to be asked. */
    public void look(Exchange exchange) {
        Path file = file(store(exchange), path(exchange));
        boolean cached = !store(exchange).equals(Store.LOCAL) && Files.isRegularFile(file);
        exchange.getMessage().setBody(cached ? file.toFile() : null);
    }

    /** The body is what the store gave, and becomes a file. */
    public void keep(Exchange exchange) throws IOException {
        Store store = store(exchange);
        if (store.equals(Store.LOCAL)) {
            return;
        }
        Path file = file(store, path(exchange));
        try (InputStream body = exchange.getMessage().getBody(InputStream.class)) {
            if (body == null) {
                throw Failure.integrity(
                        path(exchange) + " is missing in " + store.name(),
                        "This backup is not whole: take another one, or bring the file back from a copy.");
            }
            DurableFile.write(
                    BoundedInputStream.builder()
                            .setInputStream(body)
                            .setMaxCount(Manifest.LARGEST + 1)
                            .get(),
                    file);
        }
        exchange.getMessage().setBody(file.toFile());
    }

    /** What turned out to be damaged may have been damaged here: next time the store is asked again. */
    void forget(Store store, String path) throws IOException {
        if (!store.equals(Store.LOCAL)) {
            Files.deleteIfExists(file(store, path));
        }
    }

    /** Where each manifest of a survey can be read on this machine: that of the first store that has it. */
    Map<String, Path> manifests(Survey survey) {
        Map<String, Path> files = new HashMap<>();
        survey.manifests().forEach((path, stores) -> files.put(path, file(stores.get(0), path)));
        return files;
    }

    File manifest(String path, List<Store> stores) {
        return file(stores.get(0), path).toFile();
    }

    private Path file(Store store, String path) {
        Path root = store.equals(Store.LOCAL)
                ? local.root()
                : local.root().resolve(FOLDER).resolve(store.name());
        return Layout.resolve(root, path);
    }

    private static Store store(Exchange exchange) {
        return exchange.getProperty(Store.PROPERTY, Store.LOCAL, Store.class);
    }

    private static String path(Exchange exchange) {
        return exchange.getMessage().getHeader(Exchange.FILE_NAME, String.class);
    }
}
