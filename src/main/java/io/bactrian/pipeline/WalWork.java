package io.bactrian.pipeline;

import io.bactrian.postgres.Cluster;
import io.bactrian.postgres.ReplicationSlot;
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
        BackupId chain,
        PhysicalBase physical,
        WalReception reception,
        StreamedWal streamed) {

    static WalWork of(Cluster cluster, ReplicationSlot slot, BackupId chain) {
        return new WalWork(
                cluster.systemId(), cluster.serverVersion(), cluster.segmentBytes(), slot, chain, null, null, null);
    }

    WalWork withPhysical(PhysicalBase taken) {
        return new WalWork(systemId, serverVersion, segmentBytes, slot, chain, taken, reception, streamed);
    }

    WalWork withReception(WalReception next) {
        return new WalWork(systemId, serverVersion, segmentBytes, slot, chain, physical, next, streamed);
    }

    /** It goes on after what was streamed, and lists that, too. */
    WalWork after(StreamedWal stored) {
        return new WalWork(
                systemId, serverVersion, segmentBytes, slot, chain, physical, reception.after(stored), stored);
    }

    /** Of an incremental that lists what was streamed, and nothing else. */
    static WalWork of(StreamedWal streamed, ReplicationSlot slot) {
        return new WalWork(
                streamed.systemId(),
                streamed.serverVersion(),
                streamed.segmentBytes(),
                slot,
                streamed.chain(),
                null,
                WalReception.of(streamed),
                streamed);
    }
}
