package io.bactrian.pipeline;

import io.bactrian.ExitCode;
import io.bactrian.config.Settings;
import io.bactrian.postgres.DatabaseUrl;
import io.bactrian.postgres.ReplicationSlot;
import io.bactrian.postgres.Server;
import io.bactrian.repository.Layout;
import io.bactrian.repository.LocalStore;
import java.sql.Connection;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The {@code bound} step, after a run that should have stored WAL has failed: production comes first. Once the server keeps more
 * for us than BACKUP_SLOT_MAX_WAL our slot is dropped, and the body of an alert says so; the next incremental closes the chain.
 */
final class BoundSlot implements Processor {
    /** The exchange property with what people have to be told; absent where there is nothing. */
    static final String ALERT = "alert";

    private static final Logger LOG = LoggerFactory.getLogger(BoundSlot.class);
    private static final String ROUTE = "backup-incremental";

    private final Settings settings;
    private final LocalStore store;

    BoundSlot(Settings settings, LocalStore store) {
        this.settings = settings;
        this.store = store;
    }

    @Override
    public void process(Exchange exchange) {
        if (!storesWal(exchange)) {
            return;
        }
        try {
            bound(exchange, Server.choose(DatabaseUrl.parse(settings.clusterUrl(), settings.environment())));
        } catch (Exception e) { // the run has failed already, and that is what is to be told
            LOG.atWarn()
                    .log(
                            "cannot tell how much WAL our replication slot keeps: {}",
                            Failures.of(e).getMessage());
        }
    }

    private static boolean storesWal(Exchange exchange) {
        Throwable caught = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        if (Failures.of(caught).exitCode() == ExitCode.BUSY) {
            return false;
        }
        Backup backup = Backup.of(exchange);
        return backup == null
                ? ROUTE.equals(exchange.getFromRouteId())
                : !backup.id().isFull();
    }

    private void bound(Exchange exchange, Server server) throws Exception {
        if (!store.root().resolve(Layout.REPOSITORY).toFile().exists()) {
            return;
        }
        ReplicationSlot slot = ReplicationSlot.ofRepository(store.created());
        try (Connection connection = server.connect()) {
            Optional<ReplicationSlot.State> state = slot.state(connection);
            if (state.isPresent() && state.get().retainedBytes() > settings.slotMaxWal()) {
                slot.drop(connection);
                exchange.setProperty(
                        ALERT,
                        "the replication slot " + slot.name() + " kept "
                                + Sizes.text(state.get().retainedBytes()) + " of WAL on " + server.address()
                                + ", more than BACKUP_SLOT_MAX_WAL ("
                                + Sizes.text(settings.slotMaxWal())
                                + "), while nothing could be stored: it was dropped. The chain has a gap once the server removes"
                                + " that WAL; `bactrian full` then starts a new one.");
            }
        }
    }
}
