package io.bactrian.pipeline;

import io.bactrian.Failure;
import io.bactrian.config.PitrMode;
import io.bactrian.config.Settings;
import io.bactrian.postgres.Replication;
import io.bactrian.postgres.Server;
import io.bactrian.repository.LocalStore;
import io.bactrian.repository.RunLock;
import java.io.IOException;
import java.time.Duration;
import org.apache.camel.Exchange;

/** The {@code chain} step: ends a chain that cannot go on, so that everybody sees it and the next full starts a new one. */
public final class CloseChain {
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final Settings settings;
    private final LocalStore store;
    private final Keys keys;

    CloseChain(Settings settings, LocalStore store, Keys keys) {
        this.settings = settings;
        this.store = store;
        this.keys = keys;
    }

    /** Before a base: an incremental that closes the chain takes the full's place, if the chain cannot go on. */
    public void examine(Exchange exchange) throws Exception {
        Backup full = Backup.of(exchange);
        Server server = ClusterServer.choose(settings, full.server());
        if (Continuation.find(server, store, keys).broken().isEmpty()) {
            return;
        }
        BeginIncremental.lock(exchange, store, Replication.systemId(server), PATIENCE);
        Continuation found = Continuation.find(server, store, keys); // nobody else is at it now
        if (found.broken().isPresent()) {
            WalWork closing = BeginIncremental.closing(
                    found.cluster().serverVersion(),
                    found.slot(),
                    found.chain().orElseThrow(),
                    found.broken().get());
            BeginIncremental.begin(exchange, store, server, closing, full);
        } else {
            exchange.getProperty(BeginIncremental.LOCK, RunLock.class).close();
        }
    }

    /** Whether an incremental has a chain to add to, or is to say loudly that it has none. */
    public boolean isToGrow() throws IOException {
        return settings.pitr() == PitrMode.ON
                || settings.pitr() == PitrMode.AUTO
                        && new StoredChains(store, keys).all().stream().anyMatch(chain -> chain.closed() == null);
    }

    /** The body becomes what people are told. */
    public void alert(Exchange exchange) {
        exchange.getMessage().setBody(message(Backup.of(exchange)));
    }

    /** The run that found it has failed. */
    public void fail(Exchange exchange) {
        throw Failure.integrity(
                message(Backup.of(exchange)),
                "`bactrian full` starts a new chain; what the old one holds can still be recovered.");
    }

    private static String message(Backup backup) {
        WalReception reception = backup.wal().reception();
        return "the chain " + backup.wal().chain() + " ends at "
                + reception.before().end() + ": " + reception.broken();
    }

    /** The backup that this one was a part of takes its place again. */
    public void leave(Exchange exchange) throws IOException {
        Backup backup = Backup.of(exchange);
        if (backup.within() != null) {
            backup.within().on(exchange);
            exchange.getProperty(BeginIncremental.LOCK, RunLock.class).close();
        }
    }
}
