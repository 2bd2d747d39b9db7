package io.bactrian.repository;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * How things stand, for people and programs.
 *
 * @param reasons why the health is not HEALTHY; empty if it is
 * @param totalBackups fulls and incrementals; a base, and the incremental that was taken with it, belong to their full
 * @param totalBytes of everything that is stored
 * @param last the newest of them, of either kind; null if there is none
 * @param lastBytes its size, with that of its base and the WAL that it was taken with
 * @param databases each of several; empty where there is one
 * @param backups every one that has a manifest, of all kinds, oldest first
 * @param unreadable those with a manifest that cannot be read
 * @param chains what point-in-time recovery has, oldest first; empty where there is none
 * @param stores that were looked at, the local one first
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Status(
        Health health,
        List<String> reasons,
        int totalBackups,
        long totalBytes,
        Entry last,
        long lastBytes,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<DatabaseEntry> databases,
        List<Entry> backups,
        List<BackupId> unreadable,
        List<ChainEntry> chains,
        List<StoreEntry> stores) {

    /**
     * One backup.
     *
     * @param database of a full; null for the others, which hold the whole cluster
     * @param tested when it last passed an integrity test; null if never
     * @param partOf of a base, or an incremental that was taken with one: its full; null for all others
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Entry(
            BackupId id,
            String database,
            Instant started,
            long bytes,
            long durationMillis,
            Instant tested,
            BackupId partOf) {

        @JsonIgnore
        public boolean standsForItself() {
            return partOf == null;
        }
    }

    /**
     * One of several databases.
     *
     * @param last its newest full, with what is known of that; null if there is none
     * @param tested when that last passed an integrity test; null if never
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record DatabaseEntry(
            String name,
            Health health,
            BackupId last,
            Instant started,
            Long bytes,
            Long durationMillis,
            Instant tested) {}

    /**
     * One chain.
     *
     * @param cluster its system identifier
     * @param bases that can be recovered from, oldest first
     * @param windows what can be recovered, oldest first: one, unless WAL is missing in between
     * @param incrementals how many
     * @param bytes of its WAL, as stored
     * @param storedUntil all that was committed before is safe; null if nothing is
     * @param streamedUntil likewise, and the next incremental makes it recoverable; null where nothing was streamed since the last
     * @param rpoSeconds how long ago that is: what would be lost if the server were lost now; null where the chain is closed
     * @param closed why it ended; null while it goes on
     * @param faults what is not as it should be, each a sentence
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record ChainEntry(
            BackupId id,
            String cluster,
            List<BackupId> bases,
            List<RecoveryWindow> windows,
            int incrementals,
            long bytes,
            Instant storedUntil,
            Instant streamedUntil,
            Long rpoSeconds,
            String closed,
            List<String> faults) {

        public ChainEntry {
            bases = List.copyOf(bases);
            windows = List.copyOf(windows);
            faults = List.copyOf(faults);
        }

        private ChainEntry streamed(Instant until, Instant now) {
            return new ChainEntry(
                    id,
                    cluster,
                    bases,
                    windows,
                    incrementals,
                    bytes,
                    storedUntil,
                    until,
                    Math.max(0, Duration.between(until, now).toSeconds()),
                    closed,
                    faults);
        }
    }

    /**
     * One store.
     *
     * @param backups how many it holds, of all kinds
     * @param missing what the local store has and this one lacks, oldest first; of the local one always empty
     * @param unreachable why it did not answer; null if it did
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record StoreEntry(String name, int backups, List<BackupId> missing, String unreachable) {
        public StoreEntry {
            missing = List.copyOf(missing);
        }

        /** Whether it has a copy of everything. */
        public boolean complete() {
            return missing.isEmpty() && unreachable == null;
        }
    }

    /** With what was streamed since the last incrementals. */
    public Status with(List<StreamedWal> streamed, Instant now) {
        return new Status(
                health,
                reasons,
                totalBackups,
                totalBytes,
                last,
                lastBytes,
                databases,
                backups,
                unreadable,
                chains.stream()
                        .map(chain -> streamed.stream()
                                .filter(wal -> wal.chain().equals(chain.id())
                                        && wal.cut() != null
                                        && chain.rpoSeconds() != null
                                        && wal.cut().time().isAfter(chain.storedUntil()))
                                .findFirst()
                                .map(wal -> chain.streamed(wal.cut().time(), now))
                                .orElse(chain))
                        .toList(),
                stores);
    }

    public Status {
        reasons = List.copyOf(reasons);
        databases = List.copyOf(databases);
        backups = List.copyOf(backups);
        unreadable = List.copyOf(unreadable);
        chains = List.copyOf(chains);
        stores = List.copyOf(stores);
    }
}
