package io.bactrian.postgres;

import io.bactrian.Failure;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * Holds the WAL that a new standby will ask its primary for. While the standby is being made it is a temporary slot, which ends
 * with this connection however we end; only a standby that is whole leaves one behind.
 */
public final class StandbySlot implements AutoCloseable {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuuMMdd't'HHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final Connection connection;
    private final String name;

    private StandbySlot(Connection connection, String name) {
        this.connection = connection;
        this.name = name;
    }

    /**
     * Copies the repository's slot, and so the place from which it holds.
     *
     * @param needed the first WAL that the standby will ask for
     * @throws Failure a precondition: that WAL is not held, or this is no primary
     */
    public static StandbySlot hold(Server primary, ReplicationSlot repository, Lsn needed, Instant now) {
        String name = repository.name() + "_standby_" + TIME.format(now);
        Connection connection = primary.connect();
        StandbySlot slot = new StandbySlot(connection, name);
        try {
            Lsn from = repository
                    .state(connection)
                    .filter(state -> !state.isLost())
                    .map(ReplicationSlot.State::restart)
                    .orElseThrow(() -> Failure.precondition(
                            "the primary has no slot " + repository.name() + " that holds WAL",
                            "`bactrian full` makes one, with a new base; then run this again."));
            if (needed.isBefore(from)) {
                throw Failure.precondition(
                        "the slot on the primary holds WAL from " + from + " only, and the standby needs it from "
                                + needed,
                        "An incremental was made meanwhile: run this again.");
            }
            slot.copy(repository.name(), name + "_t", true);
            return slot;
        } catch (SQLException e) {
            slot.close();
            throw Server.explain(e, "copy the replication slot " + repository.name());
        } catch (Failure e) {
            slot.close();
            throw e;
        }
    }

    /** What it will be called. */
    public String name() {
        return name;
    }

    /** From now on the slot stays, until somebody drops it. */
    public void keep() {
        try {
            copy(name + "_t", name, false);
        } catch (SQLException e) {
            throw Server.explain(e, "make the replication slot " + name);
        }
    }

    private void copy(String from, String to, boolean temporary) throws SQLException {
        try (PreparedStatement call =
                connection.prepareStatement("SELECT pg_catalog.pg_copy_physical_replication_slot(?, ?, ?)")) {
            call.setString(1, from);
            call.setString(2, to);
            call.setBoolean(3, temporary);
            call.execute();
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw Server.explain(e, "close the connection that held WAL");
        }
    }
}
