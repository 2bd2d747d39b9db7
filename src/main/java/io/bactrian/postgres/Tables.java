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
import java.util.Optional;
import java.util.concurrent.Callable;

/** Tables of a live database that restored ones would collide with. */
public final class Tables {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    private static final String PARENT = """
            SELECT pn.nspname, p.relname
              FROM pg_catalog.pg_class c
              JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
              JOIN pg_catalog.pg_inherits i ON i.inhrelid = c.oid
              JOIN pg_catalog.pg_class p ON p.oid = i.inhparent
              JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
             WHERE c.relispartition AND n.nspname = ? AND c.relname = ?
            """;

    /** Foreign keys, and the views that read the table. */
    private static final String REFERRING = """
            WITH wanted AS (
                SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                 WHERE n.nspname = ? AND c.relname = ?)
            SELECT pg_catalog.format('foreign key %I of ', f.conname) AS what, n.nspname AS schema, c.relname AS name
              FROM pg_catalog.pg_constraint f
              JOIN pg_catalog.pg_class c ON c.oid = f.conrelid
              JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
             WHERE f.contype = 'f' AND f.conparentid = 0 AND f.confrelid IN (SELECT oid FROM wanted)
            UNION
            SELECT 'view ', n.nspname, c.relname
              FROM pg_catalog.pg_depend d
              JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid AND d.classid = 'pg_catalog.pg_rewrite'::regclass
              JOIN pg_catalog.pg_class c ON c.oid = r.ev_class AND c.relkind IN ('v', 'm')
              JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
             WHERE d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid IN (SELECT oid FROM wanted)
            ORDER BY 1, 2, 3
            """;

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

    /**
     * SQL that moves tables, with their indexes, constraints and owned sequences, into a schema that it makes.
     *
     * @param lockTimeout how long to wait for a table, and to keep others waiting for it; as {@code lock_timeout} takes it
     */
    public String move(List<TableName> tables, String schema, String lockTimeout) throws SQLException {
        if (tables.isEmpty()) {
            return "";
        }
        StringBuilder sql = new StringBuilder("SET LOCAL lock_timeout = ")
                .append(Sql.literal(connection, lockTimeout))
                .append(";\nCREATE SCHEMA ")
                .append(Sql.identifier(connection, schema))
                .append(";\n");
        for (TableName table : tables) {
            Optional<TableName> parent = parent(table).filter(whole -> !tables.contains(whole));
            if (parent.isPresent()) {
                sql.append("ALTER TABLE %s DETACH PARTITION %s;%n".formatted(quoted(parent.get()), quoted(table)));
            }
        }
        for (TableName table : tables) {
            sql.append("ALTER TABLE %s SET SCHEMA %s;%n".formatted(quoted(table), Sql.identifier(connection, schema)));
        }
        return sql.toString();
    }

    /** What goes on referring to these tables wherever they are moved, as words for the user; not what moves with them. */
    public List<String> referring(List<TableName> tables) throws SQLException {
        List<String> referring = new ArrayList<>();
        for (TableName table : tables) {
            try (PreparedStatement query = connection.prepareStatement(REFERRING)) {
                query.setString(1, table.schema());
                query.setString(2, table.name());
                try (ResultSet row = query.executeQuery()) {
                    while (row.next()) {
                        TableName by = new TableName(row.getString("schema"), row.getString("name"));
                        if (!tables.contains(by)) {
                            referring.add(row.getString("what") + by);
                        }
                    }
                }
            }
        }
        return referring.stream().distinct().toList();
    }

    /** The table that this one is a partition of. */
    private Optional<TableName> parent(TableName table) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(PARENT)) {
            query.setString(1, table.schema());
            query.setString(2, table.name());
            try (ResultSet row = query.executeQuery()) {
                return row.next() ? Optional.of(new TableName(row.getString(1), row.getString(2))) : Optional.empty();
            }
        }
    }

    private String quoted(TableName table) throws SQLException {
        return Sql.identifier(connection, table.schema()) + "." + Sql.identifier(connection, table.name());
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
