package io.bactrian.pipeline;

import io.bactrian.Failure;
import io.bactrian.config.Settings;
import io.bactrian.postgres.DatabaseUrl;
import io.bactrian.postgres.Lsn;
import io.bactrian.postgres.Replication;
import io.bactrian.postgres.ReplicationSlot;
import io.bactrian.postgres.Server;
import io.bactrian.postgres.StandbySlot;
import io.bactrian.repository.LocalStore;
import io.bactrian.repository.Manifest;
import io.bactrian.repository.RecoveryPlan;
import java.sql.SQLException;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * The {@code follow} step of {@code --standby}: makes sure that the primary is the one that the chain came from, and that it keeps
 * the WAL after the chain until the standby has it.
 */
final class FollowPrimary implements Processor {
    private final Settings settings;
    private final LocalStore store;

    FollowPrimary(Settings settings, LocalStore store) {
        this.settings = settings;
        this.store = store;
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        Recovery recovery = Recovery.of(exchange);
        Server primary = primary(settings);
        RecoveryPlan plan = recovery.plan();
        try (Replication replication = Replication.connect(primary)) {
            String systemId = replication.identify().systemId();
            if (!systemId.equals(plan.chain().systemId())) {
                throw Failure.precondition(
                        primary.description() + " is another cluster (" + systemId
                                + ") than the one that is recovered ("
                                + plan.chain().systemId() + ")",
                        "Point BACKUP_CLUSTER_URL, or DATABASE_URL, at the primary of the cluster that was backed up.");
            }
        } catch (SQLException e) {
            throw Server.explain(e, "ask the primary which cluster it is");
        }
        StandbySlot slot =
                StandbySlot.hold(primary, ReplicationSlot.ofRepository(store.created()), end(plan), recovery.started());
        recovery.withSlot(Resources.closeAfter(exchange, slot)).on(exchange);
    }

    /** Where the WAL in the repository ends. */
    private static Lsn end(RecoveryPlan plan) {
        List<Manifest> incrementals = plan.incrementals();
        return incrementals.get(incrementals.size() - 1).wal().end();
    }

    static Server primary(Settings settings) {
        Server server = Server.choose(DatabaseUrl.parse(settings.databaseUrl(), settings.environment()));
        return ClusterServer.choose(settings, server);
    }
}
