package io.bactrian.postgres;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What {@code pg_dump} writes of a database: all of it, or for some of its tables every definition, since they may need any, but
 * no more rows than theirs. Rows that nobody asked for are left out table by table, and a command line is bounded: those of many
 * small tables may come along, and are not restored.
 *
 * @param bytes of the tables whose rows are in it, without their indexes: an uncompressed dump takes about as much
 * @param arguments for {@code pg_dump}, of characters that need no quoting anywhere
 */
public record DumpScope(long bytes, List<String> arguments) {
    /** Of some 300 bytes at most, and a query of {@code pg_dump} for each. */
    private static final int MOST_LEFT_OUT = 1000;

    private static final String WHOLE = """
            SELECT coalesce(sum(pg_catalog.pg_relation_size(oid)), 0) FROM pg_catalog.pg_class WHERE relkind IN ('r', 't')
            """;

    private static final String TABLES = """
            SELECT n.nspname, c.relname, pn.nspname, p.relname,
                   pg_catalog.pg_relation_size(c.oid)
                       + coalesce(pg_catalog.pg_relation_size(nullif(c.reltoastrelid, 0)), 0) AS bytes
              FROM pg_catalog.pg_class c
              JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
              LEFT JOIN pg_catalog.pg_inherits i ON i.inhrelid = c.oid AND c.relispartition
              LEFT JOIN pg_catalog.pg_class p ON p.oid = i.inhparent
              LEFT JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
             WHERE c.relkind IN ('r', 'p') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
             ORDER BY bytes DESC, 1, 2
            """;

    public DumpScope {
        arguments = List.copyOf(arguments);
    }

    public static DumpScope whole(Connection database) throws SQLException {
        return new DumpScope(Sql.rows(database, WHOLE, row -> row.getLong(1)).get(0), List.of());
    }

    /**
     * For the tables that {@link TableOfContents#select(String)} will choose from the dump.
     *
     * @param pattern as there
     */
    public static DumpScope ofTables(String pattern, Connection database) throws SQLException {
        NamePattern names = NamePattern.parse(pattern);
        List<Table> tables = Sql.rows(database, TABLES, DumpScope::table);
        Map<TableName, Table> byName = tables.stream().collect(Collectors.toMap(Table::name, Function.identity()));
        boolean unicode = Sql.isTrue(database, "pg_catalog.current_setting('server_encoding') = 'UTF8'");
        List<Table> leftOut = tables.stream()
                .filter(table -> table.bytes > 0 && (unicode || isAscii(table.name)))
                .filter(table -> !isWanted(table, names, byName))
                .limit(MOST_LEFT_OUT)
                .toList();
        List<String> arguments = new ArrayList<>(List.of("-B")); // no large objects, in every version
        leftOut.forEach(table -> arguments.add("--exclude-table-data=" + exactly(table.name)));
        return new DumpScope(bytes(tables) - bytes(leftOut), arguments);
    }

    /** By its own name, or as a partition of one that is. */
    private static boolean isWanted(Table table, NamePattern names, Map<TableName, Table> byName) {
        return names.matches(table.name)
                || table.partitionOf
                        .map(byName::get)
                        .filter(whole -> isWanted(whole, names, byName))
                        .isPresent();
    }

    private static boolean isAscii(TableName table) {
        return StandardCharsets.US_ASCII.newEncoder().canEncode(table.schema() + table.name());
    }

    /** pg_dump takes patterns for regular expressions, and folds upper case that is not quoted. */
    private static String exactly(TableName table) {
        return literally(table.schema()) + "." + literally(table.name());
    }

    private static String literally(String name) {
        return name.codePoints()
                .mapToObj(character ->
                        isPlain(character) ? Character.toString(character) : "(\\x%x)".formatted(character))
                .collect(Collectors.joining());
    }

    private static boolean isPlain(int character) {
        return character >= 'a' && character <= 'z' || character >= '0' && character <= '9' || character == '_';
    }

    private static long bytes(List<Table> tables) {
        return tables.stream().mapToLong(Table::bytes).sum();
    }

    private static Table table(ResultSet row) throws SQLException {
        Optional<TableName> whole = row.getString(3) == null
                ? Optional.empty()
                : Optional.of(new TableName(row.getString(3), row.getString(4)));
        return new Table(new TableName(row.getString(1), row.getString(2)), whole, row.getLong("bytes"));
    }

    private record Table(TableName name, Optional<TableName> partitionOf, long bytes) {}
}
