package io.bactrian.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.Failure;
import io.bactrian.config.S3Bucket;
import io.bactrian.repository.Store;
import io.bactrian.repository.Verdict;
import io.bactrian.s3.FaultProxy;
import io.bactrian.s3.FaultProxy.Fault;
import io.bactrian.s3.S3Server;
import io.bactrian.s3.S3Store;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The store s3 against a real server with signatures on, and a network that fails. */
class S3StoreIT extends StoreContract {
    private static final Store S3 = new Store("s3", "s3");
    private static final String LARGE = "full/full_2025-01-01T02-00-00-000Z/large";
    /** Three parts. */
    private static final int LARGE_BYTES = 40 << 20;

    @TempDir
    static Path serverFolder;

    private static S3Server server;
    private static final AtomicInteger BUCKETS = new AtomicInteger();

    private String bucket;
    private S3Store store;
    private RoutesOfAStore routes;

    @BeforeAll
    static void start_a_server() throws IOException {
        server = S3Server.start(serverFolder);
        S3Server.credentials()
                .forEach((name, value) -> System.setProperty(
                        switch (name) {
                            case "AWS_ACCESS_KEY_ID" -> "aws.accessKeyId";
                            case "AWS_SECRET_ACCESS_KEY" -> "aws.secretAccessKey";
                            default -> "aws.disableEc2Metadata";
                        },
                        value));
    }

    @AfterAll
    static void stop_the_server() {
        server.close();
        List.of("aws.accessKeyId", "aws.secretAccessKey", "aws.disableEc2Metadata")
                .forEach(System::clearProperty);
    }

    @BeforeEach
    void start() throws Exception {
        bucket = "backups-" + BUCKETS.incrementAndGet();
        server.bucket(bucket);
        open(server.endpoint(), "prod/shop");
    }

    @AfterEach
    void stop() {
        routes.close();
        store.close();
    }

    private void open(String endpoint, String prefix) throws Exception {
        if (routes != null) {
            stop();
        }
        store = store(endpoint, prefix);
        routes = routes(store);
    }

    private S3Store store(String endpoint, String prefix) {
        S3Bucket where = new S3Bucket(
                "s3",
                bucket,
                prefix,
                "us-east-1",
                URI.create(endpoint),
                true,
                null,
                null,
                null,
                null,
                null,
                Duration.ofSeconds(2));
        return new S3Store(List.of(where), Clock.systemUTC());
    }

    private static RoutesOfAStore routes(S3Store store) throws Exception {
        return new RoutesOfAStore(
                Map.of("s3", store),
                Map.of("backup.s3.retry.delay", "50", "backup.s3.retries", "4"),
                "store.camel.yaml",
                "store-s3-failure.camel.yaml",
                "store-s3.camel.yaml");
    }

    @Override
    Store store() {
        return S3;
    }

    @Override
    ProducerTemplate routes() {
        return routes.template();
    }

    @Test
    void everything_lies_below_the_prefix() throws Exception {
        put("repository.json", artifact(10));

        assertThat(server.bucket(bucket).resolve("prod/shop/repository.json")).exists();
    }

    @Test
    void a_large_artifact_goes_in_parts_and_comes_back_whole() throws Exception {
        File large = artifact(LARGE_BYTES);

        put(LARGE, large);

        assertThat(get(LARGE)).isEqualTo(Files.readAllBytes(large.toPath()));
    }

    @Test
    void a_listing_goes_on_after_a_thousand() throws Exception {
        Path wal = Files.createDirectories(server.bucket(bucket).resolve("prod/shop/wal/7/chain"));
        for (int i = 0; i < 2345; i++) {
            Files.createFile(wal.resolve(String.format("%05d", i)));
        }

        assertThat(list("wal")).hasSize(2345).contains("wal/7/chain/02344");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void whatever_the_network_does_an_artifact_arrives_whole_or_the_error_is_loud(long seed) throws Exception {
        Random random = new Random(seed);
        File large = artifact(LARGE_BYTES);
        try (FaultProxy proxy = new FaultProxy(server.port(), line -> random(random))) {
            open(proxy.endpoint(), "");
            try {
                put(LARGE, large);
                assertThat(get(LARGE)).as("seed " + seed).isEqualTo(Files.readAllBytes(large.toPath()));
            } catch (Failure | IOException e) {
                assertThat(e).as("seed " + seed).message().contains("store s3");
            }
            assertThat(proxy.injected()).isPositive();
        }
        open(server.endpoint(), "");
        put(LARGE, large);
        assertThat(get(LARGE)).isEqualTo(Files.readAllBytes(large.toPath()));
        assertThat(list("")).containsExactly(LARGE);
    }

    /** A request in three meets a fault. */
    private static synchronized Fault random(Random random) {
        return switch (random.nextInt(18)) {
            case 0 -> new Fault.Answer(500, "InternalError");
            case 1 -> new Fault.Answer(503, "SlowDown");
            case 2 -> new Fault.After(random.nextInt(1 << 20), Long.MAX_VALUE, true);
            case 3 -> new Fault.After(Long.MAX_VALUE, random.nextInt(1 << 20), true);
            case 4 -> new Fault.After(Long.MAX_VALUE, random.nextInt(1 << 20), false);
            case 5 -> new Fault.Stall();
            default -> Fault.NONE;
        };
    }

    @Test
    void a_failed_upload_leaves_no_parts() throws Exception {
        try (FaultProxy proxy = new FaultProxy(
                server.port(),
                line -> line.contains("partNumber=3") ? new Fault.Answer(403, "AccessDenied") : Fault.NONE)) {
            open(proxy.endpoint(), "");

            assertThatThrownBy(() -> put(LARGE, artifact(LARGE_BYTES))).isInstanceOf(Failure.class);
        }
        assertThat(files(serverFolder.resolve("buckets")))
                .noneMatch(file -> file.toString().contains("large"));
    }

    @ParameterizedTest
    @ValueSource(ints = {1000, LARGE_BYTES})
    void what_turns_out_to_be_damaged_while_it_is_sent_is_not_stored(int bytes) throws Exception {
        File damaged = artifact(bytes);
        Failure damage = Failure.integrity("it was damaged", "");

        Exchange sent = routes().request("direct:store-put", exchange -> {
            exchange.setProperty(Store.PROPERTY, S3);
            exchange.setProperty(Verdict.PROPERTY, Verdict.of(() -> {
                throw damage;
            }));
            exchange.getMessage().setHeader(Exchange.FILE_NAME, LARGE);
            exchange.getMessage().setBody(damaged);
        });

        assertThat(sent.getException()).isSameAs(damage);
        assertThat(files(server.bucket(bucket))).isEmpty();
    }

    @Test
    void a_read_goes_on_where_the_connection_broke() throws Exception {
        File large = artifact(LARGE_BYTES);
        put(LARGE, large);
        AtomicInteger reads = new AtomicInteger();
        try (FaultProxy proxy = new FaultProxy(
                server.port(),
                line -> line.startsWith("GET") && reads.incrementAndGet() <= 3
                        ? new Fault.After(Long.MAX_VALUE, 5 << 20, reads.get() % 2 == 0)
                        : Fault.NONE)) {
            open(proxy.endpoint(), "prod/shop");

            assertThat(get(LARGE)).isEqualTo(Files.readAllBytes(large.toPath()));
            assertThat(reads.get()).isEqualTo(4);
        }
    }

    @Test
    void a_server_that_begins_anew_instead_of_going_on_is_refused() throws Exception {
        put(LARGE, artifact(LARGE_BYTES));
        AtomicInteger reads = new AtomicInteger();
        try (FaultProxy proxy = new FaultProxy(
                server.port(),
                line -> !line.startsWith("GET")
                        ? Fault.NONE
                        : reads.incrementAndGet() == 1
                                ? new Fault.After(Long.MAX_VALUE, 5 << 20, true)
                                : new Fault.WithoutRange())) {
            open(proxy.endpoint(), "prod/shop");

            assertThatThrownBy(() -> get(LARGE)).isInstanceOf(IOException.class);
            assertThat(reads.get()).isGreaterThan(1);
        }
    }

    @Test
    void an_object_that_was_replaced_meanwhile_is_not_glued_together() throws Exception {
        put(LARGE, artifact(LARGE_BYTES));
        File other = artifact(LARGE_BYTES + 1);
        ProducerTemplate direct = routes();
        AtomicInteger reads = new AtomicInteger();
        try (FaultProxy proxy = new FaultProxy(server.port(), line -> {
            if (!line.startsWith("GET") || reads.incrementAndGet() > 1) {
                return Fault.NONE;
            }
            return new Fault.After(Long.MAX_VALUE, 5 << 20, true);
        })) {
            try (S3Store through = store(proxy.endpoint(), "prod/shop");
                    RoutesOfAStore broken = routes(through)) {
                Exchange begun = call(broken.template(), "get", LARGE, null);
                checked(call(direct, "put", LARGE, other));

                try (InputStream content = checked(begun).getMessage().getBody(InputStream.class)) {
                    assertThatThrownBy(content::readAllBytes).isInstanceOf(IOException.class);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "put    | 403 | AccessDenied                 | does not allow to put    | s3:PutObject",
                "get    | 403 | AccessDenied                 | does not allow to get    | s3:GetObject",
                "list   | 403 | AccessDenied                 | does not allow to list   | s3:ListBucket",
                "delete | 403 | AccessDenied                 | does not allow to delete | s3:DeleteObject",
                "put    | 400 | ExpiredToken                 | have expired             | Renew",
                "list   | 403 | InvalidAccessKeyId           | does not know            | AWS_PROFILE",
                "list   | 403 | SignatureDoesNotMatch        | refused the signature    | secret access key",
                "list   | 404 | NoSuchBucket                 | there is no bucket       | Create it",
                "list   | 400 | AuthorizationHeaderMalformed | in another region        | BACKUP_S3_REGION",
                "put    | 405 | MethodNotAllowed             | does not allow to put    | s3:PutObject",
                "get    | 403 | InvalidObjectState           | archived                 | storage class",
            })
    void what_a_bucket_refuses_is_named_with_a_hint(
            String operation, int status, String code, String message, String hint) throws Exception {
        try (FaultProxy proxy = new FaultProxy(
                server.port(), line -> line.startsWith("HEAD") ? Fault.NONE : new Fault.Answer(status, code))) {
            open(proxy.endpoint(), "");

            assertThatThrownBy(() -> checked(call(operation, "full/x", operation.equals("put") ? artifact(10) : null)))
                    .isInstanceOfSatisfying(Failure.class, failure -> {
                        assertThat(failure.getMessage()).contains(message);
                        assertThat(failure.hint()).contains(hint);
                    });
        }
    }

    @Test
    void a_wrong_secret_key_is_named_and_never_shown() throws Exception {
        System.setProperty("aws.secretAccessKey", "wrong-canary");
        try {
            open(server.endpoint(), "");

            assertThatThrownBy(() -> list("full"))
                    .isInstanceOf(Failure.class)
                    .message()
                    .contains("signature")
                    .doesNotContain("canary");
        } finally {
            System.setProperty("aws.secretAccessKey", S3Server.credentials().get("AWS_SECRET_ACCESS_KEY"));
        }
    }

    @Test
    void a_server_that_is_not_there_is_named() throws Exception {
        open("http://127.0.0.1:1", "");

        assertThatThrownBy(() -> list("full"))
                .isInstanceOf(Failure.class)
                .message()
                .contains("nothing answers");
    }

    private static List<Path> files(Path below) throws IOException {
        try (Stream<Path> files = Files.walk(below)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }
}
