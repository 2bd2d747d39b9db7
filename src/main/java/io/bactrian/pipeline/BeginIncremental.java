package io.bactrian.pipeline;

import io.bactrian.Failure;
import io.bactrian.config.Settings;
import io.bactrian.postgres.DatabaseUrl;
import io.bactrian.postgres.Replication;
import io.bactrian.postgres.ReplicationSlot;
import io.bactrian.postgres.Server;
import io.bactrian.repository.BackupId;
import io.bactrian.repository.Chain;
import io.bactrian.repository.Exclusive;
import io.bactrian.repository.Layout;
import io.bactrian.repository.LocalStore;
import io.bactrian.repository.RunLock;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The {@code beginIncremental} step: takes the lock, finds the chain and whether it can go on, makes the server hold its WAL,
 * names the incremental. Within a base it works for that one, and waits for an incremental that is under way.
 */
final class BeginIncremental implements Processor {
    private static final Logger LOG = LoggerFactory.getLogger(BeginIncremental.class);
    private static final Duration PATIENCE_WITHIN_A_BASE = Duration.ofMinutes(10);

    /** The exchange property with the lock: what an incremental is a part of goes on without it. */
    static final String LOCK = "incrementalLock";

    private final Settings settings;
    private final LocalStore store;
    private final Keys keys;

    BeginIncremental(Settings settings, LocalStore store, Keys keys) {
        this.settings = settings;
        this.store = store;
        this.keys = keys;
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        Backup base = Backup.of(exchange);
        Server server;
        try {
            server = base == null ? prepare() : base.server();
        } catch (Failure unreachable) {
            if (Streamed.beginWithoutServer(exchange, settings, store, keys, unreachable)) {
                return;
            }
            throw unreachable;
        }
        Duration patience = base == null ? Duration.ZERO : PATIENCE_WITHIN_A_BASE;
        lock(exchange, store, Replication.systemId(server), patience);
        Continuation found = Continuation.find(server, store, keys);
        WalWork work = base == null ? alone(found) : within(base, found);
        begin(exchange, store, found.server(), work, base);
        LOG.atInfo().addKeyValue("backupId", Backup.of(exchange).id().text()).log("Incremental backup started");
    }

    private Server prepare() throws IOException {
        try (RunLock alone = store.running().alone()) {
            store.describe();
            keys.prepare();
        }
        return Server.choose(DatabaseUrl.parse(settings.clusterUrl(), settings.environment()));
    }

    /**
     * Takes the lock of a cluster's incrementals until {@code leave} or the end of the exchange, and clears what a killed run
     * left.
     */
    static void lock(Exchange exchange, LocalStore store, String systemId, Duration patience) throws IOException {
        RunLock lock = Exclusive.incremental(store.root(), systemId, patience);
        exchange.setProperty(LOCK, Resources.closeAfter(exchange, lock));
        try (RunLock alone = store.running().alone()) {
            BeginBackup.clearUnfinished(store, Layout.INCREMENTAL);
            store.clearUnfinishedWal(systemId).forEach(BeginBackup::cleared);
        }
    }

    /** @param within the backup that it is a part of, or null */
    static void begin(Exchange exchange, LocalStore store, Server server, WalWork work, Backup within)
            throws IOException {
        BackupId id = BeginBackup.begin(exchange, store, BackupId::incremental);
        Backup.begun(id, Layout.incremental(work.systemId(), id), id.began(), server, within)
                .withWal(work)
                .on(exchange);
    }

    private WalWork alone(Continuation found) throws SQLException {
        Chain chain = found.chain()
                .orElseThrow(() -> Failure.precondition(
                        "there is no base whose WAL an incremental could add to",
                        "`bactrian full` takes one and starts a chain, with BACKUP_PITR=on, or auto where the server bounds its slots;"
                                + " `bactrian check` says what is missing."));
        if (found.broken().isPresent()) {
            return closing(
                    found.cluster().serverVersion(),
                    found.slot(),
                    chain,
                    found.broken().get());
        }
        hold(found);
        return found.goingOn();
    }

    private static WalWork within(Backup base, Continuation found) throws SQLException {
        BackupId id = base.wal().chain();
        Optional<Chain> open = found.chain().filter(chain -> chain.id().equals(id));
        if (open.isPresent() && found.broken().isPresent()) {
            throw Failure.integrity(
                    "the chain " + id + " broke while a base was taken: "
                            + found.broken().get(),
                    "Run `bactrian full` again: it starts a new chain.");
        }
        hold(found);
        // a new chain begins with its base, not with all that the slot may hold: were that lost meanwhile, it must show
        return open.isPresent()
                ? found.goingOn()
                : found.work(id)
                        .withReception(found.reception(base.wal().physical().start()));
    }

    /** Of a chain that ends where it ended before. */
    static WalWork closing(String serverVersion, ReplicationSlot slot, Chain chain, String reason) {
        WalReception reception = Continuation.reception(chain).withBreak(reason);
        return new WalWork(
                chain.systemId(),
                serverVersion,
                reception.before().bytes(),
                slot,
                null,
                chain.id(),
                null,
                reception,
                null);
    }

    private static void hold(Continuation found) throws SQLException {
        found.chain().flatMap(Chain::end).ifPresent(end -> warn(found, end));
        try (Connection connection = found.server().connect()) {
            found.slot().hold(connection);
        }
    }

    /** The segments themselves will prove whether anything is missing. */
    private static void warn(Continuation found, Chain.End end) {
        if (found.held().isEmpty()) {
            LOG.atWarn()
                    .addKeyValue("slot", found.slot().name())
                    .log(
                            "Our replication slot was gone; it is made anew, and the chain goes on if the server still has its WAL");
        } else if (end.lsn().isBefore(found.held().get().restart())) {
            LOG.atWarn()
                    .addKeyValue("slot", found.slot().name())
                    .log("Somebody moved our replication slot on; the chain goes on if the server still has its WAL");
        }
    }
}
