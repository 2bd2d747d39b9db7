package io.bactrian.postgres;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.postgresql.PGConnection;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** SQL text from names and values that may hold anything, and small reads of the catalog. */
final class Sql {
    private Sql() {}

    /** Always quoted, so that no word is mistaken for a keyword and no case is folded. */
    static String identifier(Connection connection, String name) throws SQLException {
        return connection.unwrap(PGConnection.class).escapeIdentifier(name);
    }

    static String literal(Connection connection, String value) throws SQLException {
        return "'" + connection.unwrap(PGConnection.class).escapeLiteral(value) + "'";
    }

    /** Runs the statement as it stands: JDBC's own escapes, such as {@code {d …}}, are off. */
    static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute(sql);
        }
    }

    static <T> List<T> rows(Connection connection, String query, Row<T> row) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet results = statement.executeQuery(query)) {
            List<T> rows = new ArrayList<>();
            while (results.next()) {
                rows.add(row.read(results));
            }
            return List.copyOf(rows);
        }
    }

    static boolean isTrue(Connection connection, String condition) throws SQLException {
        return rows(connection, "SELECT " + condition, results -> results.getBoolean(1))
                .get(0);
    }

    /** The server's sentence alone: without the statement's text, which may hold a password. */
    static String reason(SQLException failure) {
        ServerErrorMessage fromServer = failure instanceof PSQLException known ? known.getServerErrorMessage() : null;
        return fromServer == null ? failure.getMessage() : fromServer.getMessage();
    }

    @FunctionalInterface
    interface Row<T> {
        T read(ResultSet results) throws SQLException;
    }
}
