package io.bactrian.postgres;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * The cluster behind a server, as it is now.
 *
 * @param systemId decimal
 * @param timeline the one that it writes
 * @param flushed the end of what it has written safely
 * @param segmentBytes size of its WAL segments
 * @param serverVersion as {@code server_version} says it
 * @param standby whether it is in recovery
 */
public record Cluster(
        String systemId, int timeline, Lsn flushed, int segmentBytes, String serverVersion, boolean standby) {

    /** @param connection to the same server */
    public static Cluster of(Replication replication, Connection connection) throws SQLException {
        Replication.Identity identity = replication.identify();
        return Sql.rows(
                        connection,
                        """
                        SELECT pg_catalog.pg_size_bytes(pg_catalog.current_setting('wal_segment_size')),
                               pg_catalog.current_setting('server_version'), pg_catalog.pg_is_in_recovery()""",
                        row -> new Cluster(
                                identity.systemId(),
                                identity.timeline(),
                                identity.flushed(),
                                row.getInt(1),
                                row.getString(2),
                                row.getBoolean(3)))
                .get(0);
    }
}
