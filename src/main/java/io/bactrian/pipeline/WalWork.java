package io.bactrian.pipeline;

import io.bactrian.repository.BackupId;

/**
 * What a base or an incremental under way knows of its cluster.
 *
 * @param systemId of the cluster, decimal
 * @param serverVersion as {@code server_version} says it
 * @param segmentBytes size of its WAL segments
 * @param slot name of our replication slot
 * @param chain the id of the base that began the chain
 */
public record WalWork(String systemId, String serverVersion, int segmentBytes, String slot, BackupId chain) {}
