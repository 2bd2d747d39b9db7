package io.bactrian.pipeline;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What the command asks of a restore.
 *
 * @param target the database to make; empty for the name that the backup has
 * @param file a dump of the system before, instead of a backup
 * @param table pattern of the tables to take; empty for all
 * @param replace whether an existing database, or existing tables, may be replaced
 * @param dropOld whether what was replaced goes at once
 * @param globals whether missing roles and tablespaces are created first
 * @param noOwner whether everything shall belong to the role that restores, without the original's grants
 * @param jobs parallel workers
 */
public record RestoreOptions(
        Optional<String> target,
        Optional<Path> file,
        Optional<String> table,
        boolean replace,
        boolean dropOld,
        boolean globals,
        boolean noOwner,
        boolean analyze,
        boolean compare,
        int jobs) {}
