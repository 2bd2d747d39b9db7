package io.bactrian.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/**
 * How much write-ahead log lies on a server, and what room is left for it.
 *
 * @param bytes size of the files in its WAL directory
 * @param freeBytes on their disk; empty unless the server runs on this machine and we can see its files
 */
public record WalOnServer(long bytes, Optional<Long> freeBytes) {
    private static final int TIMELINE_DIGITS = 8;

    /** Needs the rights of {@code pg_monitor}. */
    public static WalOnServer read(Connection connection) throws SQLException, IOException {
        long bytes = Sql.rows(
                        connection,
                        "SELECT coalesce(sum(size), 0)::bigint FROM pg_catalog.pg_ls_waldir()",
                        row -> row.getLong(1))
                .get(0);
        boolean here =
                Sql.isTrue(connection, "coalesce(pg_catalog.inet_client_addr() = pg_catalog.inet_server_addr(), true)");
        return new WalOnServer(bytes, here ? free(connection) : Optional.empty());
    }

    /** The end of what a primary has written safely. */
    public static Lsn flushed(Connection connection) throws SQLException {
        return Sql.rows(
                        connection,
                        "SELECT pg_catalog.pg_current_wal_flush_lsn()::text",
                        row -> Lsn.of(row.getString(1)))
                .get(0);
    }

    /**
     * Whether a segment that the server has written, on whichever timeline, is there no more. What the role may not look at (that
     * takes {@code pg_monitor}) counts as there: whoever asks for it will see.
     */
    public static boolean lacks(Connection connection, WalSegment segment) throws SQLException {
        return Sql.isTrue(connection, "pg_catalog.has_function_privilege('pg_catalog.pg_ls_waldir()', 'EXECUTE')")
                && !Sql.isTrue(
                        connection,
                        "EXISTS (SELECT FROM pg_catalog.pg_ls_waldir() WHERE name ~ '^[0-9A-F]{8}"
                                + segment.name().substring(TIMELINE_DIGITS) + "$')");
    }

    private static Optional<Long> free(Connection connection) throws SQLException, IOException {
        Path directory = Path.of(Sql.rows(
                        connection,
                        "SELECT pg_catalog.current_setting('data_directory') || '/pg_wal'",
                        row -> row.getString(1))
                .get(0));
        return Files.isDirectory(directory)
                ? Optional.of(Files.getFileStore(directory).getUsableSpace())
                : Optional.empty();
    }
}
