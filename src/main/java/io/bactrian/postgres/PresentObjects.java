package io.bactrian.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Set;

/** What a database has already of that which restored tables need; compared by name, as {@code pg_dump} writes names. */
final class PresentObjects {
    static final PresentObjects NONE = new PresentObjects(Set.of());

    /** Types of entries that share a catalog, and so cannot have the same name. */
    private static final Map<String, String> CATALOGS = Map.ofEntries(
            Map.entry("SCHEMA", "schema"),
            Map.entry("EXTENSION", "extension"),
            Map.entry("COLLATION", "collation"),
            Map.entry("TYPE", "type"),
            Map.entry("SHELL TYPE", "type"),
            Map.entry("DOMAIN", "type"),
            Map.entry("FUNCTION", "routine"),
            Map.entry("PROCEDURE", "routine"),
            Map.entry("AGGREGATE", "routine"),
            Map.entry("TABLE", "relation"),
            Map.entry("VIEW", "relation"),
            Map.entry("MATERIALIZED VIEW", "relation"),
            Map.entry("FOREIGN TABLE", "relation"),
            Map.entry("SEQUENCE", "relation"));

    private static final String QUERY = """
            SELECT 'schema', '', nspname FROM pg_namespace
            UNION ALL SELECT 'extension', '', extname FROM pg_extension
            UNION ALL SELECT 'collation', n.nspname, c.collname FROM pg_collation c
                JOIN pg_namespace n ON n.oid = c.collnamespace
            UNION ALL SELECT 'type', n.nspname, t.typname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
            UNION ALL SELECT 'relation', n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            UNION ALL SELECT 'routine', n.nspname, format('%s(%s)', p.proname,
                (SELECT string_agg(format_type(a.type, NULL), ', ' ORDER BY a.position)
                 FROM unnest(p.proargtypes) WITH ORDINALITY AS a(type, position)))
            FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
            """;

    private final Set<Present> objects;

    private PresentObjects(Set<Present> objects) {
        this.objects = objects;
    }

    static PresentObjects in(Connection connection) throws SQLException {
        // so that types are written with their schema, as in the archive
        Sql.execute(connection, "SET search_path = ''");
        try {
            return new PresentObjects(Set.copyOf(Sql.rows(
                    connection, QUERY, row -> new Present(row.getString(1), row.getString(2), row.getString(3)))));
        } finally {
            Sql.execute(connection, "RESET search_path");
        }
    }

    boolean contains(ArchiveEntry entry) {
        String catalog = CATALOGS.get(entry.type());
        return catalog != null && objects.contains(new Present(catalog, entry.schema(), entry.name()));
    }

    private record Present(String catalog, String schema, String name) {}
}
