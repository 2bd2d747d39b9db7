package io.bactrian.pipeline;

import io.bactrian.config.Settings;
import io.bactrian.postgres.Cluster;
import io.bactrian.postgres.Lsn;
import io.bactrian.postgres.Server;
import io.bactrian.postgres.WalOnServer;
import io.bactrian.repository.BackupId;
import io.bactrian.repository.Chain;
import io.bactrian.repository.Layout;
import io.bactrian.repository.LocalStore;
import io.bactrian.repository.PhysicalBase;
import io.bactrian.repository.RunLock;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The {@code beginBase} step: makes the server hold its WAL, and names the base and its chain. */
final class BeginBase implements Processor {
    /** The exchange property with the lock of {@code dueBase}, which ends with the copy: until then the slot may not move on. */
    static final String LOCK = "baseLock";

    private static final String TABLESPACES = "tablespaces";
    private static final Logger LOG = LoggerFactory.getLogger(BeginBase.class);

    private final Settings settings;
    private final LocalStore store;
    private final Keys keys;

    BeginBase(Settings settings, LocalStore store, Keys keys) {
        this.settings = settings;
        this.store = store;
        this.keys = keys;
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        Backup full = Backup.of(exchange);
        try (RunLock alone = store.running().alone()) {
            BeginBackup.clearUnfinished(store, Layout.BASE);
        }
        Server server = ClusterServer.choose(settings, full.server());
        Continuation found = Continuation.find(server, store, keys);
        Lsn start;
        try (Connection connection = server.connect()) {
            found.slot().hold(connection);
            start = WalOnServer.flushed(connection); // after that: a checkpoint before could let a new slot begin later
            exchange.setProperty(TABLESPACES, furtherTablespaces(connection));
        }
        begun(BeginBackup.begin(exchange, store, BackupId::base), full, found, start)
                .on(exchange);
        LOG.atInfo().addKeyValue("backupId", Backup.of(exchange).id().text()).log("Base backup started");
    }

    private static Backup begun(BackupId id, Backup full, Continuation found, Lsn start) {
        Cluster cluster = found.cluster();
        BackupId chain = DueBase.open(found).map(Chain::id).orElse(id);
        // whatever checkpoint the copy begins with comes later than this place, as it is made for it
        PhysicalBase copy = new PhysicalBase(chain, cluster.timeline(), cluster.segmentBytes(), start, null, null, 0);
        return Backup.begun(id, Layout.base(cluster.systemId(), id), id.began(), found.server(), full)
                .withWal(found.work(chain).withPhysical(copy));
    }

    private static int furtherTablespaces(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT count(*) FROM pg_catalog.pg_tablespace WHERE pg_catalog.pg_tablespace_location(oid) <> ''")) {
            row.next();
            return row.getInt(1);
        }
    }
}
