package io.bactrian.pipeline;

import io.bactrian.repository.BackupId;
import io.bactrian.repository.Lease;
import io.bactrian.repository.Manifest;
import io.bactrian.repository.RecoveryPlan;
import io.bactrian.repository.Store;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The {@code lease} step: keeps cleanup, here or on another machine, from deleting what this run reads, until it ends. Where a
 * store cannot be written, the run goes on without.
 */
public final class HoldLease {
    /** The exchange property with it, for the routes {@code lease-take} and {@code lease-return}. */
    static final String PROPERTY = "lease";

    private static final Logger LOG = LoggerFactory.getLogger(HoldLease.class);

    private final Clock clock;
    private final Duration renewal;

    HoldLease(Clock clock, Duration renewal) {
        this.clock = clock;
        this.renewal = renewal;
    }

    /** On the backup that was found. */
    public void restore(Exchange exchange) {
        Reading reading = Reading.of(exchange);
        hold(exchange, "restore", List.of(reading.id()), reading.stores());
    }

    /** On base and log. */
    public void recovery(Exchange exchange) {
        RecoveryPlan plan = Recovery.of(exchange).plan();
        List<BackupId> backups = new ArrayList<>(List.of(plan.base().id()));
        plan.incrementals().stream().map(Manifest::id).forEach(backups::add);
        hold(exchange, "pitr", backups, Recovery.of(exchange).stores());
    }

    /** On the backups in the body. */
    public void test(Exchange exchange) {
        List<?> parts = exchange.getMessage().getBody(List.class);
        hold(
                exchange,
                "test",
                parts.stream().map(BackupId.class::cast).toList(),
                Reading.of(exchange).stores());
    }

    private void hold(Exchange exchange, String activity, List<BackupId> backups, List<Store> chosen) {
        Lease lease = new Lease(UUID.randomUUID().toString(), activity, MakeManifest.host(), backups, clock.instant());
        List<Store> stores = chosen.isEmpty() ? List.of(Store.LOCAL) : chosen;
        ProducerTemplate template =
                Resources.closeAfter(exchange, exchange.getContext().createProducerTemplate());
        Resources.closeAfter(exchange, () -> send(template, "direct:lease-return", lease, stores));
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "lease");
            thread.setDaemon(true);
            return thread;
        });
        Resources.closeAfter(exchange, () -> {
            timer.shutdownNow();
            timer.awaitTermination(1, TimeUnit.MINUTES);
        });
        take(template, lease, stores);
        timer.scheduleAtFixedRate(
                () -> take(template, lease, stores), renewal.toMillis(), renewal.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void take(ProducerTemplate template, Lease lease, List<Store> stores) {
        send(template, "direct:lease-take", lease.renewed(clock.instant()), stores);
    }

    /** An exchange of its own: what fails in it is not a failure of the run. */
    private static void send(ProducerTemplate template, String route, Lease lease, List<Store> stores) {
        for (Store store : stores) {
            Map<String, Object> properties = Map.of(PROPERTY, lease, Store.PROPERTY, store);
            Exchange done = template.request(route, exchange -> properties.forEach(exchange::setProperty));
            if (done.getException() != null) {
                LOG.atDebug()
                        .addKeyValue("store", store.name())
                        .log("{} failed: {}", route, done.getException().getMessage());
            }
        }
    }
}
