package io.bactrian.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.bactrian.repository.Store;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code docs/stores.md} asks of every store; each kind of store passes all of it, through its routes. */
abstract class StoreContract {
    private static final String PATH = "full/full_2025-01-01T02-00-00-000Z/database.dump.zst.pgp";

    @TempDir
    Path folder;

    abstract Store store();

    abstract ProducerTemplate routes();

    @Test
    void what_was_put_is_got() throws Exception {
        File artifact = artifact(100_000);

        put(PATH, artifact);

        assertThat(get(PATH)).isEqualTo(Files.readAllBytes(artifact.toPath()));
    }

    @Test
    void a_stream_is_put_as_well_as_a_file() throws Exception {
        put("keys/public.asc", new ByteArrayInputStream("a certificate".getBytes(StandardCharsets.UTF_8)));

        assertThat(get("keys/public.asc")).asString().isEqualTo("a certificate");
    }

    @Test
    void nothing_is_a_content_too() throws Exception {
        put("full/full_2025-01-01T02-00-00-000Z/globals.sql", new ByteArrayInputStream(new byte[0]));

        assertThat(get("full/full_2025-01-01T02-00-00-000Z/globals.sql")).isEmpty();
    }

    @Test
    void what_is_put_again_replaces_the_first() throws Exception {
        put(PATH, artifact(50_000));
        File second = artifact(20_000);

        put(PATH, second);

        assertThat(get(PATH)).isEqualTo(Files.readAllBytes(second.toPath()));
        assertThat(list("full")).containsExactly(PATH);
    }

    @Test
    void two_that_put_the_same_at_once_do_not_meet() throws Exception {
        byte[] content = Files.readAllBytes(artifact(300_000).toPath());
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        InputStream halting = new ByteArrayInputStream(content) {
            @Override
            public synchronized int read(byte[] buffer, int offset, int length) {
                begun.countDown();
                if (available() < content.length / 2) {
                    Awaitility.await().until(() -> over.getCount() == 0);
                }
                return super.read(buffer, offset, Math.min(length, 10_000));
            }
        };
        CompletableFuture<Void> first = CompletableFuture.runAsync(
                () -> assertThatCode(() -> put(PATH, halting)).doesNotThrowAnyException());
        Awaitility.await().until(() -> begun.getCount() == 0 || first.isDone()); // some take it in one gulp

        put(PATH, new ByteArrayInputStream(content));
        byte[] meanwhile = get(PATH);
        over.countDown();
        first.get();

        assertThat(meanwhile).isEqualTo(content);
        assertThat(get(PATH)).isEqualTo(content);
        assertThat(list("full")).containsExactly(PATH);
    }

    @Test
    void a_path_that_is_not_there_has_no_content() throws Exception {
        put("full/full_2025-01-01T02-00-00-000Z/other", artifact(10));

        Exchange missing = call("get", "full/full_2025-01-01T02-00-00-000Z/missing", null);

        assertThat(missing.getException() != null || missing.getMessage().getBody() == null)
                .isTrue();
    }

    @Test
    void a_listing_has_the_paths_below_a_folder_sorted() throws Exception {
        List<String> paths = List.of(
                "wal/7/base_2025-01-01T02-00-00-000Z/2", "wal/7/base_2025-01-01T02-00-00-000Z/1", "wal/70/x", "walnut");
        for (String path : paths) {
            put(path, new ByteArrayInputStream(new byte[1]));
        }

        assertThat(list("wal/7")).containsExactly(paths.get(1), paths.get(0));
        assertThat(list("wal")).containsExactly(paths.get(1), paths.get(0), paths.get(2));
    }

    @Test
    void an_unknown_folder_is_empty() throws Exception {
        assertThat(list("incremental")).isEmpty();
    }

    @Test
    void what_was_deleted_is_gone_and_may_be_deleted_again() throws Exception {
        put(PATH, artifact(10));
        put("full/full_2025-01-01T02-00-00-000Z/other", artifact(10));

        checked(call("delete", PATH, null));
        checked(call("delete", PATH, null));

        assertThat(list("full")).containsExactly("full/full_2025-01-01T02-00-00-000Z/other");
    }

    final void put(String path, Object body) throws Exception {
        checked(call("put", path, body));
    }

    final byte[] get(String path) throws Exception {
        Exchange got = checked(call("get", path, null));
        Object body = got.getMessage().getBody();
        try (InputStream content = body instanceof File file
                ? Files.newInputStream(file.toPath())
                : got.getMessage().getMandatoryBody(InputStream.class)) {
            return content.readAllBytes();
        }
    }

    @SuppressWarnings("unchecked")
    final List<String> list(String below) throws Exception {
        return checked(call("list", below, null)).getMessage().getBody(List.class);
    }

    final Exchange call(String operation, String path, Object body) {
        return call(routes(), operation, path, body);
    }

    final Exchange call(ProducerTemplate to, String operation, String path, Object body) {
        return to.request("direct:store-" + operation, exchange -> {
            exchange.setProperty(Store.PROPERTY, store());
            exchange.getMessage().setHeader(Exchange.FILE_NAME, path);
            exchange.getMessage().setBody(body);
        });
    }

    static Exchange checked(Exchange exchange) throws Exception {
        if (exchange.getException() != null) {
            throw exchange.getException();
        }
        return exchange;
    }

    final File artifact(int bytes) throws IOException {
        byte[] content = new byte[bytes];
        new Random(bytes).nextBytes(content);
        return Files.write(folder.resolve("artifact-" + bytes), content).toFile();
    }
}
