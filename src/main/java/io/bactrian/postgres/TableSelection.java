package io.bactrian.postgres;

import java.util.List;

/**
 * The part of a dump that restores some tables.
 *
 * @param tables those that come back with their rows
 * @param lines the list file for {@code pg_restore --use-list}, in the archive's order
 * @param warnings what is left out or comes along empty, as sentences for the user
 */
public record TableSelection(List<TableName> tables, List<String> lines, List<String> warnings) {
    public TableSelection {
        tables = List.copyOf(tables);
        lines = List.copyOf(lines);
        warnings = List.copyOf(warnings);
    }
}
