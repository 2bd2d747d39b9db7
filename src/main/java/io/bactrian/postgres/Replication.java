package io.bactrian.postgres;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** A connection of the replication protocol (manual §55.4), over which a cluster tells which one it is. */
public final class Replication implements AutoCloseable {
    private final Connection connection;

    private Replication(Connection connection) {
        this.connection = connection;
    }

    /** @throws Failure a precondition: what role, server or pg_hba.conf lack, and how to give it to them */
    public static Replication connect(Server server) {
        try {
            return new Replication(server.connectForReplication());
        } catch (SQLException e) {
            throw explain(e, server);
        }
    }

    /**
     * Which cluster that is (IDENTIFY_SYSTEM).
     *
     * @param systemId decimal
     * @param timeline the one that it writes now
     * @param flushed the end of what it has written safely
     */
    public record Identity(String systemId, int timeline, Lsn flushed) {}

    public Identity identify() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("IDENTIFY_SYSTEM")) {
            row.next();
            return new Identity(row.getString(1), row.getInt(2), Lsn.of(row.getString(3)));
        }
    }

    /** Which cluster a server is, decimal. */
    public static String systemId(Server server) throws SQLException {
        try (Replication replication = connect(server)) {
            return replication.identify().systemId();
        }
    }

    /** The text of a timeline's history file. The first timeline has none. */
    public String timelineHistory(int timeline) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("TIMELINE_HISTORY " + timeline)) {
            row.next();
            return row.getString(2);
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }

    private static Failure explain(SQLException e, Server server) {
        if (Refusal.of(e) == Refusal.NOT_PERMITTED) {
            return mayNot(server.user(), e);
        }
        if (Refusal.of(e) == Refusal.TOO_MANY_CONNECTIONS) {
            return new Failure(
                    ExitCode.PRECONDITION,
                    "the server has no replication connection left: " + Sql.reason(e),
                    "Raise max_wal_senders (at least 2 more than there are standbys) and restart the server.",
                    e);
        }
        if (Refusal.of(e) == Refusal.NOT_ADMITTED && Sql.reason(e).contains("replication connection")) {
            return new Failure(
                    ExitCode.PRECONDITION,
                    "the server does not admit replication connections of " + server.user() + ": " + Sql.reason(e),
                    "Add to its pg_hba.conf: host replication " + server.user()
                            + " <address of this machine>/32 scram-sha-256; then SELECT pg_reload_conf();",
                    e);
        }
        return Server.explain(e, "open a replication connection to " + server.description());
    }

    static Failure mayNot(String role, SQLException e) {
        return new Failure(
                ExitCode.PRECONDITION,
                "the role " + role + " may not replicate: " + Sql.reason(e),
                "As a superuser: ALTER ROLE \"" + role.replace("\"", "\"\"") + "\" REPLICATION;",
                e);
    }
}
