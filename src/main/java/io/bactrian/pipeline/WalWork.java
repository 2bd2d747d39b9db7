package io.bactrian.pipeline;

import io.bactrian.postgres.Cluster;
import io.bactrian.postgres.ReplicationSlot;
import io.bactrian.postgres.TimelineHistory;
import io.bactrian.postgres.WalSegment;
import io.bactrian.repository.BackupId;
import io.bactrian.repository.PhysicalBase;
import io.bactrian.repository.StreamedWal;

/**
 * What a base or an incremental under way knows of its cluster.
 *
 * @param systemId of the cluster, decimal
 * @param serverVersion as {@code server_version} says it
 * @param segmentBytes size of its WAL segments
 * @param slot our replication slot
 * @param history of the timeline that the server writes; null where nothing is fetched
 * @param chain the id of the base that began the chain
 * @param physical of a base, once it was taken; before and of an incremental null
 * @param reception of an incremental: how far it is; of a base null
 * @param streamed of an incremental: what was stored before it began; null if nothing was
 */
public record WalWork(
        String systemId,
        String serverVersion,
        int segmentBytes,
        ReplicationSlot slot,
        TimelineHistory history,
        BackupId chain,
        PhysicalBase physical,
        WalReception reception,
        StreamedWal streamed) {

    static WalWork of(Cluster cluster, TimelineHistory history, ReplicationSlot slot, BackupId chain) {
        return new WalWork(
                cluster.systemId(),
                cluster.serverVersion(),
                cluster.segmentBytes(),
                slot,
                history,
                chain,
                null,
                null,
                null);
    }

    WalWork withPhysical(PhysicalBase taken) {
        return new WalWork(systemId, serverVersion, segmentBytes, slot, history, chain, taken, reception, streamed);
    }

    WalWork withReception(WalReception next) {
        return new WalWork(systemId, serverVersion, segmentBytes, slot, history, chain, physical, next, streamed);
    }

    /** It goes on after what was streamed, and lists that, too. */
    WalWork after(StreamedWal stored) {
        return new WalWork(
                systemId, serverVersion, segmentBytes, slot, history, chain, physical, reception.after(stored), stored);
    }

    /** The segment that is to be fetched next, on the timeline on which the server has it. */
    WalSegment next() {
        WalSegment next = reception.last().next();
        return new WalSegment(history.goesOn(next.timeline(), next.start()), next.number(), next.bytes());
    }

    /** On the timeline on which was streamed: of more of it, or an incremental that lists that and nothing else. */
    static WalWork of(StreamedWal streamed, ReplicationSlot slot) {
        return new WalWork(
                streamed.systemId(),
                streamed.serverVersion(),
                streamed.segmentBytes(),
                slot,
                TimelineHistory.first(streamed.lastSegment().timeline()),
                streamed.chain(),
                null,
                WalReception.of(streamed),
                streamed);
    }
}
