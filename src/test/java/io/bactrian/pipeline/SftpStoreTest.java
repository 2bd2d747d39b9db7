package io.bactrian.pipeline;

import io.bactrian.repository.Store;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.camel.ProducerTemplate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The store that {@code docs/stores.md} adds by a route file and properties. */
class SftpStoreTest extends StoreContract {
    @TempDir
    private Path place;

    private SftpServer server;
    private RoutesOfAStore routes;

    @BeforeEach
    void start() throws Exception {
        server = new SftpServer(place);
        Path file = Files.writeString(place.resolve("store-sftp.camel.yaml"), SftpPage.routes());
        routes = new RoutesOfAStore(
                Map.of(), SftpPage.properties(server, place.resolve("work")), "store.camel.yaml", file.toString());
    }

    @AfterEach
    void stop() throws Exception {
        routes.close();
        server.close();
    }

    @Override
    Store store() {
        return new Store("sftp", "sftp");
    }

    @Override
    ProducerTemplate routes() {
        return routes.template();
    }
}
