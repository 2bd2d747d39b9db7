package io.bactrian.repository;

import io.bactrian.postgres.Cluster;
import io.bactrian.postgres.ReplicationSlot;
import io.bactrian.postgres.TimelineHistory;
import java.util.Optional;

/** Whether the log that a server writes now goes on where a chain ended. A pure function of what server and repository say. */
public final class Continuity {
    private Continuity() {}

    /**
     * Why it does not; empty if it does, as far as can be told before the log itself arrives.
     *
     * @param now the history of the timeline that the server writes
     * @param stored the history of the chain's timeline as the repository has it, where there is one
     * @param slot our slot on the server, where there is one
     */
    public static Optional<String> broken(
            String systemId,
            Chain.End end,
            Cluster cluster,
            TimelineHistory now,
            Optional<TimelineHistory> stored,
            Optional<ReplicationSlot.State> slot) {
        if (!cluster.systemId().equals(systemId)) {
            return Optional.of("another cluster answers there now: its system identifier is " + cluster.systemId()
                    + ", that of the chain is " + systemId);
        }
        if (cluster.segmentBytes() != end.segmentBytes()) {
            return Optional.of("the server's WAL segments now have " + cluster.segmentBytes() + " bytes, not "
                    + end.segmentBytes());
        }
        if (!now.contains(end.timeline(), end.lsn())
                || stored.filter(known -> !now.continues(known)).isPresent()) {
            return Optional.of(
                    "the server is on timeline " + cluster.timeline() + ", which parted from the chain before its end ("
                            + end.lsn() + " on timeline " + end.timeline() + ")");
        }
        if (cluster.flushed().isBefore(end.lsn())) {
            return Optional.of(
                    "the server has gone back: its WAL ends at " + cluster.flushed() + ", the chain at " + end.lsn());
        }
        return slot.filter(ReplicationSlot.State::isLost)
                .map(lost -> "the server gave up our replication slot, and with it WAL that was not stored yet"
                        + " (max_slot_wal_keep_size)");
    }
}
