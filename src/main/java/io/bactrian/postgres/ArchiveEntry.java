package io.bactrian.postgres;

import java.util.List;

/**
 * One object in the table of contents of a dump.
 *
 * @param id the dump id, unique in the archive
 * @param type as pg_dump names it: {@code TABLE}, {@code TABLE DATA}, {@code FK CONSTRAINT} …
 * @param schema empty for objects outside any schema
 * @param name unquoted; of objects that belong to a table, the table's name, a space and their own
 * @param preData whether it is of the section that comes before all data
 * @param copy the statement under which a table's rows are loaded, with a line end; empty for everything else
 * @param dependencies dump ids, also of objects that the archive does not hold
 */
record ArchiveEntry(
        int id, String type, String schema, String name, boolean preData, String copy, List<Integer> dependencies) {
    ArchiveEntry {
        dependencies = List.copyOf(dependencies);
    }

    TableName tableName() {
        return new TableName(schema, name);
    }

    /** What {@code pg_restore -L} reads: the id counts, the rest is for a person. */
    String line() {
        return (id + "; " + type + " " + schema + " " + name).replaceAll("\\p{Cntrl}", " ");
    }
}
