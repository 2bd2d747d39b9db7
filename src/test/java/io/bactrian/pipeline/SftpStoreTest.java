package io.bactrian.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.repository.Store;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
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

    @Test
    void what_a_put_that_broke_off_left_is_listed_as_unfinished_and_can_be_deleted() throws Exception {
        for (String path : List.of("keys/public.asc", "repository.json")) {
            put(path, new ByteArrayInputStream(new byte[1]));
            Exchange broken =
                    call("put", path, new SequenceInputStream(new ByteArrayInputStream(new byte[9]), breaking()));
            Files.write(server.root().resolve("backups/" + path + ".x1f.unfinished"), new byte[9]);

            assertThat(broken.getException()).isNotNull();
            List<String> left = list(path.split("/")[0]).stream()
                    .filter(listed -> !listed.equals(path))
                    .toList();
            assertThat(left)
                    .contains(path + ".x1f.unfinished")
                    .allMatch(listed -> listed.matches(path + "\\.x[0-9A-Za-z-]+\\.unfinished"));
            for (String remnant : left) {
                checked(call("delete", remnant, null));
            }
        }
        try (Stream<Path> files = Files.walk(server.root().resolve("backups"))) {
            assertThat(files.filter(Files::isRegularFile)
                            .map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("public.asc", "repository.json");
        }
    }

    private static InputStream breaking() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("it broke off");
            }
        };
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
