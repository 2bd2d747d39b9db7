package io.bactrian.pipeline;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import io.bactrian.config.Settings;
import io.bactrian.postgres.DatabaseUrl;
import io.bactrian.postgres.ReplicationSlot;
import io.bactrian.postgres.Server;
import io.bactrian.repository.Chain;
import io.bactrian.repository.Layout;
import io.bactrian.repository.LocalStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.apache.camel.Exchange;

/** The {@code detach} step: ends point-in-time recovery. Chains are closed in the repository, our slot goes from the server. */
public final class Detach {
    private static final String REASON = "detached";

    private final Settings settings;
    private final LocalStore store;
    private final Keys keys;
    private final Clock clock;

    Detach(Settings settings, LocalStore store, Keys keys, Clock clock) {
        this.settings = settings;
        this.store = store;
        this.keys = keys;
        this.clock = clock;
    }

    /** Takes the lock, and finds what is to be closed: every chain of this repository that goes on. */
    public void begin(Exchange exchange) throws Exception {
        DatabaseUrl url = DatabaseUrl.parse(settings.clusterUrl(), settings.environment());
        if (!store.root().resolve(Layout.REPOSITORY).toFile().exists()) {
            throw Failure.precondition("there is no repository in " + store.root(), "Check BACKUP_DIR.");
        }
        BeginIncremental.lock(exchange, store, Duration.ZERO);
        keys.prepare();
        List<Chain> open = new StoredChains(store, keys)
                .all().stream().filter(Continuation::canGoOn).toList();
        new Detachment(url, open, List.of(), null).on(exchange);
    }

    /** An incremental that closes the first chain. */
    public void next(Exchange exchange) throws Exception {
        Detachment detachment = Detachment.of(exchange);
        Chain chain = detachment.open().get(0);
        String version = chain.incrementals().stream()
                .map(manifest -> manifest.serverVersion())
                .reduce((earlier, later) -> later)
                .orElse(null);
        ReplicationSlot slot = ReplicationSlot.ofRepository(store.created());
        BeginIncremental.begin(exchange, null, BeginIncremental.closing(version, slot, chain, REASON), clock, null);
    }

    /** It is closed. */
    public void closed(Exchange exchange) {
        Detachment.of(exchange).closedFirst().on(exchange);
    }

    /** The server may be gone for ever: that must not keep anybody from giving up the chain. */
    public void drop(Exchange exchange) throws Exception {
        Detachment detachment = Detachment.of(exchange);
        ReplicationSlot slot = ReplicationSlot.ofRepository(store.created());
        String outcome;
        try {
            outcome = drop(Server.choose(detachment.url()), slot);
        } catch (Failure failure) {
            if (failure.exitCode() != ExitCode.PRECONDITION) {
                throw failure;
            }
            outcome = "The replication slot " + slot.name() + " could not be dropped: " + failure.getMessage()
                    + ". If that server still exists, run there: SELECT pg_drop_replication_slot('" + slot.name()
                    + "');";
        }
        detachment.withOutcome(outcome).on(exchange);
    }

    private static String drop(Server server, ReplicationSlot slot) throws SQLException {
        try (Connection connection = server.connect()) {
            return slot.drop(connection)
                    ? "Dropped the replication slot " + slot.name() + " on " + server.address()
                    : "There was no replication slot " + slot.name() + " on " + server.address();
        }
    }
}
