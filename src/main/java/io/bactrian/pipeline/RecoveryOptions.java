package io.bactrian.pipeline;

import io.bactrian.repository.RecoveryTime;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What the command asks of a recovery.
 *
 * @param target the database to make; empty for {@code <database>_<time>}
 * @param table pattern of the tables to take; empty for all
 * @param replace whether an existing database, or existing tables, may be replaced
 * @param dataDirectory a data directory to make of the whole cluster, in place of one database
 * @param standby whether that one shall follow the primary
 * @param jobs parallel workers of the load
 */
public record RecoveryOptions(
        RecoveryTime time,
        Optional<String> target,
        Optional<String> table,
        boolean replace,
        Optional<Path> dataDirectory,
        boolean standby,
        int jobs) {

    /** What is asked of the load into the live server. */
    RestoreOptions restore(String database) {
        return new RestoreOptions(
                Optional.of(database), Optional.empty(), table, replace, false, false, false, true, true, jobs);
    }
}
