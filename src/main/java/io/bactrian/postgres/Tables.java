package io.bactrian.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/** Tables of a live database that restored ones would collide with. */
public final class Tables {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    private final Connection connection;

    public Tables(Connection connection) {
        this.connection = connection;
    }

    /** The schema that takes what is replaced. */
    public static String oldSchema(Instant now) {
        return "before_" + TIME.format(now);
    }

    /** Those of {@code wanted} that the database has. */
    public List<TableName> existing(List<TableName> wanted) throws SQLException {
        List<TableName> existing = new ArrayList<>();
        try (PreparedStatement query = connection.prepareStatement("""
                SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                 WHERE n.nspname = ? AND c.relname = ?""")) {
            for (TableName table : wanted) {
                query.setString(1, table.schema());
                query.setString(2, table.name());
                try (ResultSet row = query.executeQuery()) {
                    if (row.next()) {
                        existing.add(table);
                    }
                }
            }
        }
        return existing;
    }

    /** SQL that moves tables, with their indexes, constraints and owned sequences, into a schema that it makes. */
    public String move(List<TableName> tables, String schema) throws SQLException {
        if (tables.isEmpty()) {
            return "";
        }
        StringBuilder sql = new StringBuilder("CREATE SCHEMA ")
                .append(Sql.identifier(connection, schema))
                .append(";\n");
        for (TableName table : tables) {
            sql.append("ALTER TABLE ")
                    .append(Sql.identifier(connection, table.schema()))
                    .append('.')
                    .append(Sql.identifier(connection, table.name()))
                    .append(" SET SCHEMA ")
                    .append(Sql.identifier(connection, schema))
                    .append(";\n");
        }
        return sql.toString();
    }

    /** Looks at the database as it will be after {@code move}: moves, looks, and takes the move back. */
    public <T> T afterMove(String move, Callable<T> look) throws Exception {
        connection.setAutoCommit(false);
        try {
            Sql.execute(connection, move);
            return look.call();
        } finally {
            connection.rollback();
        }
    }
}
