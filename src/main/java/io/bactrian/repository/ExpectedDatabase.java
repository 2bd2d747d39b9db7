package io.bactrian.repository;

import java.time.Duration;

/**
 * A database that is to be backed up.
 *
 * @param name among several; empty where there is one, and then every full is its
 * @param database its name on the server; empty where that cannot be told
 * @param maxAge of its newest full; twice that, and there is none to be counted on
 */
public record ExpectedDatabase(String name, String database, Duration maxAge) {
    boolean isOnly() {
        return name.isEmpty();
    }

    /** Also a full that was made before it had this name. */
    boolean owns(Manifest full) {
        boolean unnamed = Origin.nameOnly(full.options()).isEmpty();
        return isOnly()
                || name.equals(Origin.name(full.options(), full.database()))
                || (unnamed && database.equals(full.database()));
    }
}
