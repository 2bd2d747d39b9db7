package io.bactrian.postgres;

import io.bactrian.Failure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Makes, swaps and drops whole databases, over one connection to the maintenance database. */
public final class Databases implements AutoCloseable {
    public static final String MAINTENANCE = "postgres";

    /** As far as that can be seen: by a socket, or from the address that it has itself. */
    static final String SERVER_IS_HERE = "(inet_client_addr() IS NULL OR inet_client_addr() = inet_server_addr())";

    private static final String BESIDE = "bactrian_restoring_";
    private static final int NAME_BYTES = 63; // NAMEDATALEN - 1
    private static final int SWAP_ATTEMPTS = 20;
    private static final String OBJECT_IN_USE = "55006";
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    /** Makes a database of the given name. */
    @FunctionalInterface
    public interface Maker {
        void make(String name) throws SQLException;
    }

    private final Connection connection;
    private String beside;

    private Databases(Connection connection) {
        this.connection = connection;
    }

    public static Databases on(Server server) {
        return new Databases(server.connect(MAINTENANCE));
    }

    public Connection connection() {
        return connection;
    }

    public boolean exists(String name) throws SQLException {
        try (PreparedStatement query =
                connection.prepareStatement("SELECT 1 FROM pg_catalog.pg_database WHERE datname = ?")) {
            query.setString(1, name);
            try (ResultSet row = query.executeQuery()) {
                return row.next();
            }
        }
    }

    /** What a replaced database is called from then on: {@code <name>_before_<time>}, within PostgreSQL's 63 bytes. */
    public static String oldName(String name, Instant now) {
        return named(name, "_before_" + TIME.format(now));
    }

    /** What a database is called that is as it was then: {@code <name>_<time>}, within PostgreSQL's 63 bytes. */
    public static String nameAt(String name, Instant time) {
        return named(name, "_" + TIME.format(time));
    }

    private static String named(String name, String suffix) {
        String kept = name;
        while ((kept + suffix).getBytes(StandardCharsets.UTF_8).length > NAME_BYTES) {
            kept = kept.substring(0, kept.offsetByCodePoints(kept.length(), -1));
        }
        return kept + suffix;
    }

    public static void createEmpty(Connection connection, String name) throws SQLException {
        Sql.execute(connection, "CREATE DATABASE " + Sql.identifier(connection, name) + " TEMPLATE template0");
    }

    /**
     * Makes a database under a name of its own, which {@link #close} drops unless it was swapped in. An advisory lock tells
     * other runs that it is alive.
     */
    public String createBeside(Maker maker) throws SQLException {
        byte[] random = new byte[6];
        new SecureRandom().nextBytes(random);
        String name = BESIDE + HexFormat.of().formatHex(random);
        lock(name);
        beside = name;
        maker.make(name);
        return name;
    }

    /** Drops what killed restores left. Returns the names. */
    public List<String> clearLeftovers() throws SQLException {
        List<String> leftovers = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT datname FROM pg_catalog.pg_database WHERE datname ~ '^"
                        + BESIDE + "[0-9a-f]{12}$' AND pg_catalog.pg_has_role(datdba, 'USAGE')")) {
            while (rows.next()) {
                leftovers.add(rows.getString(1));
            }
        }
        List<String> dropped = new ArrayList<>();
        for (String name : leftovers) {
            if (lock(name)) {
                drop(name);
                dropped.add(name);
            }
        }
        return dropped;
    }

    private boolean lock(String name) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT pg_catalog.pg_try_advisory_lock(pg_catalog.hashtextextended(?, 0))")) {
            query.setString(1, name);
            try (ResultSet row = query.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        }
    }

    /**
     * Gives the database beside its final name; an existing one of that name becomes {@code oldName}, in the same transaction.
     * Sessions on it are ended, again and again while clients come back, and each is told to {@code ended}.
     */
    public void swapIn(String target, String oldName, boolean replace, Consumer<String> ended) throws SQLException {
        for (int attempt = 1; ; attempt++) {
            if (replace) {
                endSessions(target, ended);
            }
            connection.setAutoCommit(false);
            try {
                if (replace) {
                    rename(target, oldName);
                }
                rename(beside, target);
                connection.commit();
                beside = null;
                return;
            } catch (SQLException e) {
                connection.rollback();
                if (!OBJECT_IN_USE.equals(e.getSQLState())) {
                    throw e;
                }
                if (attempt == SWAP_ATTEMPTS) {
                    throw Failure.running(
                            "clients come back to database \"" + target + "\" faster than it can be renamed",
                            "Stop the applications that use it, then restore again; the database is unchanged.");
                }
            } finally {
                connection.setAutoCommit(true);
            }
        }
    }

    private void rename(String from, String to) throws SQLException {
        Sql.execute(
                connection,
                "ALTER DATABASE " + Sql.identifier(connection, from) + " RENAME TO " + Sql.identifier(connection, to));
    }

    private void endSessions(String database, Consumer<String> ended) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("""
                SELECT pg_catalog.format('%s%s%s (process %s)', usename, ' from ' || client_addr,
                           ' (' || nullif(application_name, '') || ')', pid),
                       pg_catalog.pg_terminate_backend(pid)
                  FROM pg_catalog.pg_stat_activity
                 WHERE datname = ? AND pid <> pg_catalog.pg_backend_pid()""")) {
            query.setString(1, database);
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    ended.accept(rows.getString(1));
                }
            }
        }
    }

    public void drop(String name) throws SQLException {
        Sql.execute(connection, "DROP DATABASE IF EXISTS " + Sql.identifier(connection, name) + " WITH (FORCE)");
    }

    /** Free bytes where the server keeps its data, if that can be seen: the server is on this machine and says where. */
    public Optional<Long> freeBytes() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT CASE WHEN " + SERVER_IS_HERE
                                + " AND pg_has_role('pg_read_all_settings', 'USAGE') THEN current_setting('data_directory') END")) {
            row.next();
            String directory = row.getString(1);
            if (directory == null || !Files.isDirectory(Path.of(directory))) {
                return Optional.empty();
            }
            return Optional.of(Files.getFileStore(Path.of(directory)).getUsableSpace());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    @Override
    public void close() throws SQLException {
        try (connection) {
            if (beside != null) {
                drop(beside);
            }
        }
    }
}
