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
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;

/** The {@code detach} step: ends point-in-time recovery. Chains are closed in the repository, our slot goes from the server. */
public final class Detach {
    private static final String REASON = "detached";

    private final Settings settings;
    private final LocalStore store;
    private final Keys keys;

    Detach(Settings settings, LocalStore store, Keys keys) {
        this.settings = settings;
        this.store = store;
        this.keys = keys;
    }

    /** Takes the locks, and finds what is to be closed: every chain that goes on; of several databases, those of their cluster. */
    public void begin(Exchange exchange) throws Exception {
        DatabaseUrl url = DatabaseUrl.parse(settings.clusterUrl(), settings.environment());
        if (!store.root().resolve(Layout.REPOSITORY).toFile().exists()) {
            throw Failure.precondition("there is no repository in " + store.root(), "Check BACKUP_DIR.");
        }
        keys.prepare();
        Optional<String> only = settings.name().isEmpty()
                ? Optional.empty()
                : Optional.of(io.bactrian.postgres.Replication.systemId(Server.choose(url)));
        Set<String> clusters = open(only).stream().map(Chain::systemId).collect(Collectors.toSet());
        for (String systemId : clusters) {
            BeginIncremental.lock(exchange, store, systemId, Duration.ZERO);
        }
        List<Chain> open = open(only).stream() // nobody else is at them now
                .filter(chain -> clusters.contains(chain.systemId()))
                .toList();
        new Detachment(url, open, List.of(), null).on(exchange);
    }

    private List<Chain> open(Optional<String> only) throws IOException {
        return new StoredChains(store, keys)
                .all().stream()
                        .filter(Continuation::canGoOn)
                        .filter(chain -> only.isEmpty() || only.get().equals(chain.systemId()))
                        .toList();
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
        BeginIncremental.begin(exchange, store, null, BeginIncremental.closing(version, slot, chain, REASON), null);
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
