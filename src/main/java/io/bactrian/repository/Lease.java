package io.bactrian.repository;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * A run's request that nobody deletes what it reads; {@code leases/<id>.json} in the store that it reads from. It ends by itself,
 * so that a killed run holds nothing for long.
 *
 * @param activity {@code restore}, {@code pitr} or {@code test}
 * @param backups what is read; the WAL of an incremental goes with it
 * @param until it counts to then, unless it is renewed
 */
public record Lease(String id, String activity, String host, List<BackupId> backups, Instant until) {
    /** How long one counts. */
    public static final Duration TERM = Duration.ofHours(1);
    /** How often a run that goes on renews it. */
    public static final Duration RENEWAL = Duration.ofMinutes(15);

    public Lease {
        backups = List.copyOf(backups);
    }

    /** Relative to the root of any store. */
    @JsonIgnore
    public String path() {
        return Layout.LEASES + "/" + id + ".json";
    }

    public Lease renewed(Instant now) {
        return new Lease(id, activity, host, backups, now.plus(TERM));
    }

    public boolean countsAt(Instant now) {
        return now.isBefore(until);
    }
}
