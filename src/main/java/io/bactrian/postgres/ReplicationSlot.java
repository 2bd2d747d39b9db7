package io.bactrian.postgres;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import io.bactrian.stream.Digested;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;

/**
 * The physical replication slot by which the server keeps WAL until it is in the repository. It moves on only when
 * {@link #advance} says so.
 */
public record ReplicationSlot(String name) {
    public static final String PREFIX = "bactrian_";

    private static final int DIGITS = 10;
    private static final String ALL_IN_USE = "53400";

    /**
     * What the server says of it.
     *
     * @param restart the oldest WAL that it keeps; null once it is lost
     * @param walStatus {@code reserved}, {@code extended}, {@code unreserved} (may go any moment) or {@code lost}
     * @param retainedBytes WAL from there to the server's current position; 0 once it is lost
     */
    public record State(Lsn restart, String walStatus, boolean active, long retainedBytes) {
        public boolean isLost() {
            return restart == null || "lost".equals(walStatus);
        }
    }

    /** Every repository has a slot of its own on a server: its name comes from the moment in which the repository was created. */
    public static ReplicationSlot ofRepository(String created) {
        return new ReplicationSlot(PREFIX
                + Digested.sha256Hex(created.getBytes(StandardCharsets.UTF_8)).substring(0, DIGITS));
    }

    /** Empty if the server has no such slot. */
    public Optional<State> state(Connection connection) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("""
                SELECT restart_lsn::text, wal_status, active,
                       coalesce(pg_catalog.pg_wal_lsn_diff(
                           CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn()
                                ELSE pg_catalog.pg_current_wal_lsn() END, restart_lsn), 0)::bigint
                  FROM pg_catalog.pg_replication_slots WHERE slot_name = ?""")) {
            query.setString(1, name);
            try (ResultSet row = query.executeQuery()) {
                return row.next()
                        ? Optional.of(new State(
                                Optional.ofNullable(row.getString(1))
                                        .map(Lsn::of)
                                        .orElse(null),
                                row.getString(2),
                                row.getBoolean(3),
                                row.getLong(4)))
                        : Optional.empty();
            }
        }
    }

    /** Makes sure that there is one that holds WAL, from now on if there was none or it was lost. */
    public State hold(Connection connection) throws SQLException {
        if (state(connection).filter(State::isLost).isPresent()) {
            drop(connection);
        }
        if (state(connection).isEmpty()) {
            create(connection);
        }
        return state(connection).orElseThrow(() -> gone(name));
    }

    private void create(Connection connection) throws SQLException {
        // with `true` it holds WAL at once; without, only from the first time that somebody reads from it
        try (PreparedStatement call =
                connection.prepareStatement("SELECT pg_catalog.pg_create_physical_replication_slot(?, true)")) {
            call.setString(1, name);
            call.execute();
        } catch (SQLException e) {
            if (ALL_IN_USE.equals(e.getSQLState())) {
                throw new Failure(
                        ExitCode.PRECONDITION,
                        "the server has no replication slot left: " + Sql.reason(e),
                        "Drop slots that nobody uses (pg_replication_slots), or raise max_replication_slots and restart.",
                        e);
            }
            if (Refusal.of(e) == Refusal.NOT_PERMITTED) {
                throw Replication.mayNot(connection.getMetaData().getUserName(), e);
            }
            if (!"42710".equals(e.getSQLState())) { // a run beside this one has just made it
                throw e;
            }
        }
    }

    /** Lets the server remove the WAL before a place. One that is there already, or further, stays where it is. */
    public void advance(Connection connection, Lsn to) throws SQLException {
        State state = state(connection).orElseThrow(() -> gone(name));
        if (state.isLost() || !state.restart().isBefore(to)) {
            return;
        }
        try (PreparedStatement call =
                connection.prepareStatement("SELECT pg_catalog.pg_replication_slot_advance(?, ?::pg_catalog.pg_lsn)")) {
            call.setString(1, name);
            call.setString(2, to.text());
            call.execute();
        }
    }

    /** How much WAL any slot may hold back on a server, in bytes; {@link Long#MAX_VALUE} where it sets no bound. */
    public static long serversBound(Connection connection) throws SQLException {
        long megabytes = Sql.rows(
                        connection,
                        "SELECT setting::bigint FROM pg_catalog.pg_settings WHERE name = 'max_slot_wal_keep_size'",
                        row -> row.getLong(1))
                .get(0);
        return megabytes < 0 ? Long.MAX_VALUE : megabytes << 20;
    }

    /** Returns whether there was one. */
    public boolean drop(Connection connection) throws SQLException {
        try (PreparedStatement call = connection.prepareStatement(
                "SELECT pg_catalog.pg_drop_replication_slot(slot_name) FROM pg_catalog.pg_replication_slots"
                        + " WHERE slot_name = ?")) {
            call.setString(1, name);
            try (ResultSet dropped = call.executeQuery()) {
                return dropped.next();
            }
        }
    }

    private static Failure gone(String name) {
        return Failure.running(
                "somebody dropped the replication slot " + name + " just now", "Find out who; then run this again.");
    }
}
