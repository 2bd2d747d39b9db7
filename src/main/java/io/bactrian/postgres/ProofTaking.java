package io.bactrian.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Counts, and at level content hashes, table after table. */
final class ProofTaking {
    /** A value's text must not depend on the session; row security must fail and not filter. */
    private static final String SETTINGS = """
            SET LOCAL row_security = off;
            SET LOCAL search_path = pg_catalog;
            SET LOCAL DateStyle = 'ISO, YMD';
            SET LOCAL IntervalStyle = 'postgres';
            SET LOCAL TimeZone = 'UTC';
            SET LOCAL extra_float_digits = 3;
            SET LOCAL bytea_output = 'hex';
            SET LOCAL lc_monetary = 'C'
            """;

    /**
     * Unlogged tables cannot be read on a standby. All is as the snapshot sees it, but for the file behind the name: functions look
     * at what is committed now.
     */
    private static final String TABLES = """
            SELECT n.nspname, c.relname, format('%I.%I', n.nspname, c.relname) AS quoted,
                   (SELECT string_agg('r.' || quote_ident(a.attname), ', ' ORDER BY a.attname COLLATE "C")
                    FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
                   pg_relation_filenode(to_regclass(format('%I.%I', n.nspname, c.relname)))
                       IS DISTINCT FROM c.relfilenode AS changed
            FROM pg_class c
            JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind = 'r' AND c.relpersistence <> 't'
              AND NOT (c.relpersistence = 'u' AND pg_is_in_recovery())
              AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
              AND NOT EXISTS (SELECT FROM pg_depend d
                  WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
            ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"
            """;

    private final Connection connection;
    private final Proof.Level level;

    ProofTaking(Connection connection, Proof.Level level) {
        this.connection = connection;
        this.level = level;
    }

    Proof take(Predicate<TableName> wanted) throws SQLException {
        List<Proof.Table> tables = new ArrayList<>();
        for (Source source : sources()) {
            if (wanted.test(source.table())) {
                tables.add(read(source));
            }
        }
        return new Proof(level, tables);
    }

    /** Every table that is to be counted, in order of name. */
    List<Source> sources() throws SQLException {
        Sql.execute(connection, SETTINGS);
        return Sql.rows(
                connection,
                TABLES,
                row -> new Source(
                        new TableName(row.getString("nspname"), row.getString("relname")),
                        row.getString("quoted"),
                        row.getString("columns"),
                        row.getBoolean("changed")));
    }

    Proof.Level level() {
        return level;
    }

    Proof.Table read(Source source) throws SQLException {
        String query = "SELECT count(*), " + contentOf(source) + " FROM ONLY " + source.quoted() + " AS r";
        return Sql.rows(connection, query, row -> new Proof.Table(source.table(), row.getLong(1), row.getString(2)))
                .get(0);
    }

    /** Columns go by name: a restored table may have them in another order if its parent was altered. */
    private String contentOf(Source source) {
        if (level == Proof.Level.COUNTS) {
            return "NULL";
        }
        String columns = source.columns() == null ? "" : source.columns();
        return "coalesce(sum(hashtextextended(ROW(" + columns + ")::text COLLATE \"C\", 0)::numeric), 0)::text";
    }

    /**
     * A table as the snapshot knows it.
     *
     * @param quoted its name for SQL
     * @param columns for ROW(…), or null if it has none
     * @param changed whether its name now leads to other rows than in the snapshot
     */
    record Source(TableName table, String quoted, String columns, boolean changed) {}
}
