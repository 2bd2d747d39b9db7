package io.bactrian.pipeline;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.repository.BackupId;
import io.bactrian.repository.Json;
import io.bactrian.repository.Lease;
import io.bactrian.repository.LocalStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run may take far longer than the term of its lease. */
class HoldLeaseTest {
    private static final BackupId READ = BackupId.full(Instant.parse("2025-01-01T02:00:00Z"));

    @TempDir
    private Path folder;

    private LocalStore store;
    private RoutesOfAStore routes;
    private final CountDownLatch over = new CountDownLatch(1);

    @BeforeEach
    void start() throws Exception {
        store = new LocalStore(folder, Clock.systemUTC());
        routes = new RoutesOfAStore(
                Map.of("localStore", store, "json", Json.mapper()),
                Map.of(),
                "store.camel.yaml",
                "store-local.camel.yaml",
                "lease.camel.yaml");
        HoldLease lease = new HoldLease(Clock.systemUTC(), Duration.ofMillis(20));
        routes.template().getCamelContext().addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:read")
                        .process(exchange ->
                                Reading.of(READ.text(), Reading.READ).on(exchange))
                        .process(lease::test)
                        .process(exchange -> over.await());
            }
        });
    }

    @AfterEach
    void stop() {
        over.countDown();
        routes.close();
    }

    @Test
    void a_lease_is_renewed_as_long_as_the_run_lasts_and_returned_at_its_end() throws IOException {
        CompletableFuture<Object> run = routes.template().asyncRequestBody("direct:read", List.of(READ));
        Lease first = awaitLease(Instant.EPOCH);
        Lease second = awaitLease(first.until());
        Lease third = awaitLease(second.until());

        assertThat(List.of(first, second, third))
                .allSatisfy(lease -> assertThat(lease.backups()).containsExactly(READ));
        assertThat(third.id()).isEqualTo(first.id());
        assertThat(third.until()).isBefore(Instant.now().plus(Lease.TERM).plusSeconds(1));

        over.countDown();
        run.join();
        assertThat(store.list("leases")).isEmpty();
    }

    private Lease awaitLease(Instant laterThan) {
        return await().atMost(60, SECONDS)
                .ignoreExceptionsInstanceOf(IOException.class)
                .until(this::lease, lease -> lease != null && lease.until().isAfter(laterThan));
    }

    private Lease lease() throws IOException {
        List<String> leases = store.list("leases").stream()
                .filter(path -> path.endsWith(".json"))
                .toList();
        assertThat(leases).hasSizeLessThan(2);
        if (leases.isEmpty()) {
            return null;
        }
        JsonNode content = Json.mapper().readTree(store.get(leases.get(0)));
        return Json.mapper().treeToValue(content, Lease.class);
    }
}
