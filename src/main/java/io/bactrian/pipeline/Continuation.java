package io.bactrian.pipeline;

import io.bactrian.Failure;
import io.bactrian.postgres.Cluster;
import io.bactrian.postgres.Lsn;
import io.bactrian.postgres.Replication;
import io.bactrian.postgres.ReplicationSlot;
import io.bactrian.postgres.Server;
import io.bactrian.postgres.TimelineHistory;
import io.bactrian.postgres.WalOnServer;
import io.bactrian.postgres.WalSegment;
import io.bactrian.repository.Artifact;
import io.bactrian.repository.BackupId;
import io.bactrian.repository.Chain;
import io.bactrian.repository.Continuity;
import io.bactrian.repository.LocalStore;
import io.bactrian.repository.Manifest;
import io.bactrian.repository.StreamedWal;
import io.bactrian.repository.WalRange;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * What a server's WAL can continue.
 *
 * @param server the primary
 * @param history of the timeline that it writes
 * @param slot ours, whether the server has it or not
 * @param held what the server says of it; empty if it has none
 * @param chain the open chain that the WAL belongs to, or that ended in this place; empty if there is none
 * @param broken why that chain cannot go on; empty if it can
 * @param streamed what of the chain's log is stored already and in no manifest; empty if nothing is
 */
record Continuation(
        Server server,
        Cluster cluster,
        TimelineHistory history,
        ReplicationSlot slot,
        Optional<ReplicationSlot.State> held,
        Optional<Chain> chain,
        Optional<String> broken,
        Optional<StreamedWal> streamed) {

    /** @throws Failure a precondition: it is a standby, or the role may not replicate */
    static Continuation find(Server server, LocalStore store, Keys keys) throws SQLException, IOException {
        try (Replication replication = Replication.connect(server);
                Connection connection = server.connect()) {
            Cluster cluster = Cluster.of(replication, connection);
            if (cluster.standby()) {
                throw Failure.precondition(
                        server.description() + " is a standby, where no WAL can be cut off",
                        "Set BACKUP_CLUSTER_URL to the primary.");
            }
            TimelineHistory history = cluster.timeline() == 1
                    ? TimelineHistory.first(1)
                    : TimelineHistory.parse(cluster.timeline(), replication.timelineHistory(cluster.timeline()));
            ReplicationSlot slot = ReplicationSlot.ofRepository(store.created());
            Optional<ReplicationSlot.State> held = slot.state(connection);
            StoredChains stored = new StoredChains(store, keys);
            Optional<Chain> chain = chain(stored.all(), cluster, server);
            Optional<String> broken =
                    chain.isEmpty() ? Optional.empty() : broken(chain.get(), stored, cluster, history, held);
            if (chain.isPresent() && broken.isEmpty()) {
                broken = removed(chain.get().end().orElseThrow(), cluster, held, connection);
            }
            Optional<StreamedWal> streamed = broken.isPresent()
                    ? Optional.empty()
                    : chain.flatMap(open -> Streamed.of(store, open, cluster, history));
            return new Continuation(server, cluster, history, slot, held, chain, broken, streamed);
        }
    }

    private static Optional<Chain> chain(List<Chain> chains, Cluster cluster, Server server) {
        return Chain.newest(chains, cluster.systemId())
                .filter(Continuation::canGoOn)
                .or(() -> chains.stream()
                        .filter(chain -> canGoOn(chain) && reachedAt(chain, server))
                        .reduce((earlier, later) -> later));
    }

    static boolean canGoOn(Chain chain) {
        return chain.isOpen() && chain.end().isPresent();
    }

    /** Whether the last incremental of a chain came from where this server is. */
    static boolean reachedAt(Chain chain, Server server) {
        return chain.incrementals().stream()
                .reduce((earlier, later) -> later)
                .map(last -> last.options().get(MakeManifest.SERVER))
                .filter(server.address()::equals)
                .isPresent();
    }

    private static Optional<String> broken(
            Chain chain,
            StoredChains stored,
            Cluster cluster,
            TimelineHistory now,
            Optional<ReplicationSlot.State> held)
            throws IOException {
        Chain.End end = chain.end().orElseThrow();
        return Continuity.broken(chain.systemId(), end, cluster, now, stored.history(chain, end.timeline()), held);
    }

    /** Without our slot, or with one that somebody moved on, a checkpoint may have removed what comes next. */
    private static Optional<String> removed(
            Chain.End end, Cluster cluster, Optional<ReplicationSlot.State> held, Connection connection)
            throws SQLException {
        boolean kept = held.filter(slot -> !end.lsn().isBefore(slot.restart())).isPresent();
        if (kept || !end.lsn().isBefore(cluster.flushed())) {
            return Optional.empty();
        }
        WalSegment next = WalSegment.containing(end.lsn(), end.timeline(), end.segmentBytes());
        return WalOnServer.lacks(connection, next)
                ? Optional.of("the server no longer has the WAL that comes next (" + next.name()
                        + " has already been removed), as our replication slot was "
                        + (held.isEmpty() ? "gone" : "moved on"))
                : Optional.empty();
    }

    /** An incremental that goes on with the chain. */
    WalWork goingOn() {
        WalWork work = work(chain.orElseThrow().id()).withReception(reception(chain.orElseThrow()));
        return streamed.map(work::after).orElse(work);
    }

    /** What begins to be streamed now. */
    StreamedWal begin() {
        Chain open = chain.orElseThrow();
        WalReception reception = reception(open);
        return new StreamedWal(
                cluster.systemId(),
                cluster.serverVersion(),
                server.address(),
                open.id(),
                reception.follows(),
                cluster.segmentBytes(),
                reception.before().name(),
                reception.joint(),
                reception.histories(),
                List.of(),
                reception.before().name(),
                null);
    }

    static WalReception reception(Chain chain) {
        Chain.End end = chain.end().orElseThrow();
        WalSegment before = WalSegment.containing(end.lsn(), end.timeline(), end.segmentBytes())
                .previous();
        return WalReception.after(before, joint(chain), end.follows(), histories(chain));
    }

    private static Lsn joint(Chain chain) {
        return chain.incrementals().stream()
                .reduce((earlier, later) -> later)
                .map(last -> last.wal().cut())
                .map(WalRange.Cut::switched)
                .orElse(null);
    }

    private static List<String> histories(Chain chain) {
        return chain.incrementals().stream()
                .map(Manifest::artifacts)
                .flatMap(List::stream)
                .filter(artifact -> artifact.content().equals(Artifact.TIMELINE_HISTORY))
                .map(Artifact::name)
                .toList();
    }

    /** What the first incremental of a new chain starts from: where its base began. */
    WalReception reception(Lsn start) {
        WalSegment current = WalSegment.containing(start, cluster.timeline(), cluster.segmentBytes());
        int timeline = history.ancestors().stream()
                .filter(ancestor -> !ancestor.end().isBefore(current.end()))
                .findFirst()
                .map(TimelineHistory.Ancestor::timeline)
                .orElse(cluster.timeline());
        WalSegment first = new WalSegment(timeline, current.number(), current.bytes());
        return WalReception.after(first.previous(), null, null, List.of());
    }

    WalWork work(BackupId of) {
        return WalWork.of(cluster, history, slot, of);
    }
}
