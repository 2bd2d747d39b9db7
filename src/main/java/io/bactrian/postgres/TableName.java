package io.bactrian.postgres;

import java.util.Comparator;

/** A table's schema and name as they stand in the catalog, unquoted. */
public record TableName(String schema, String name) implements Comparable<TableName> {
    private static final Comparator<TableName> ORDER =
            Comparator.comparing(TableName::schema).thenComparing(TableName::name);

    @Override
    public int compareTo(TableName other) {
        return ORDER.compare(this, other);
    }

    /** As a person would write it in SQL: quoted where it must be. */
    @Override
    public String toString() {
        return written(schema) + "." + written(name);
    }

    private static String written(String identifier) {
        return identifier.matches("[a-z_][a-z0-9_$]*") ? identifier : "\"" + identifier.replace("\"", "\"\"") + "\"";
    }
}
