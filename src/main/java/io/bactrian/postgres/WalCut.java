package io.bactrian.postgres;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;

/**
 * A cut: a marker is committed and its WAL segment finished, so that all that was committed before lies in finished segments,
 * and a commit follows whatever moment before it is to be recovered.
 *
 * @param time the server's clock before the marker was committed
 * @param marker its transaction id (xid8)
 * @param lsn a place after the marker's commit record where, or after which, another record begins
 * @param switched the byte after the last record of the segment that was finished
 * @param seen the transactions ({@code pg_current_snapshot}) between marker and switch: as long as it stays the same, nothing has
 *     been committed that does not lie before the switch
 */
public record WalCut(Instant time, String marker, Lsn lsn, Lsn switched, String seen) {

    /** @throws Failure a precondition: the role may not switch WAL here */
    public static WalCut make(Connection connection) throws SQLException {
        WalCut cut;
        do {
            cut = attempt(connection);
        } while (!cut.lsn.isBefore(cut.switched)); // the marker just filled its segment: no record follows it there
        return cut;
    }

    private static WalCut attempt(Connection connection) throws SQLException {
        Instant time = Sql.rows(
                        connection,
                        "SELECT pg_catalog.clock_timestamp()",
                        row -> row.getObject(1, OffsetDateTime.class).toInstant())
                .get(0);
        String marker = commitMarker(connection);
        Lsn lsn = lsn(connection, "SELECT pg_catalog.pg_current_wal_insert_lsn()::text");
        String seen = transactions(connection);
        try {
            return new WalCut(time, marker, lsn, lsn(connection, "SELECT pg_catalog.pg_switch_wal()::text"), seen);
        } catch (SQLException e) {
            if (Refusal.of(e) == Refusal.NOT_PERMITTED) {
                throw mayNot(connection, e);
            }
            throw e;
        }
    }

    private static String commitMarker(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        try {
            // the log is all that matters here: no standby has to agree
            Sql.execute(connection, "SET LOCAL synchronous_commit = local");
            String marker = Sql.rows(
                            connection, "SELECT pg_catalog.pg_current_xact_id()::text", row -> row.getString(1))
                    .get(0);
            connection.commit();
            return marker;
        } finally {
            connection.setAutoCommit(true);
        }
    }

    /** Those that are over, and those under way, as {@code pg_current_snapshot} writes them. */
    public static String transactions(Connection connection) throws SQLException {
        return Sql.rows(connection, "SELECT pg_catalog.pg_current_snapshot()::text", row -> row.getString(1))
                .get(0);
    }

    private static Lsn lsn(Connection connection, String query) throws SQLException {
        return Sql.rows(connection, query, row -> Lsn.of(row.getString(1))).get(0);
    }

    private static Failure mayNot(Connection connection, SQLException e) throws SQLException {
        String role = connection.getMetaData().getUserName();
        return new Failure(
                ExitCode.PRECONDITION,
                "the role " + role + " may not finish a WAL segment in the database " + connection.getCatalog(),
                "As a superuser in that database: GRANT EXECUTE ON FUNCTION pg_switch_wal() TO "
                        + Sql.identifier(connection, role) + ";",
                e);
    }
}
