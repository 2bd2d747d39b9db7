package io.bactrian.postgres;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What a restored database has in common with the proof of the original, and where it differs.
 *
 * @param equalRows the rows of all equal tables
 */
public record Comparison(List<TableName> equal, long equalRows, List<Difference> differences) {
    public enum Kind {
        MISSING("missing"),
        EXTRA("not in the proof"),
        ROWS("row count differs"),
        CONTENT("content differs");

        private final String text;

        Kind(String text) {
            this.text = text;
        }
    }

    /**
     * One table that is not as it was.
     *
     * @param expected rows in the proof, null if it does not name the table
     * @param restored rows found, null if the table is missing
     */
    public record Difference(Kind kind, TableName table, Long expected, Long restored) {}

    public Comparison {
        equal = List.copyOf(equal);
        differences = List.copyOf(differences);
    }

    static Comparison of(Proof expected, Proof restored) {
        Map<TableName, Proof.Table> found = byName(restored);
        List<TableName> equal = new ArrayList<>();
        long equalRows = 0;
        List<Difference> differences = new ArrayList<>();
        for (Proof.Table wanted : byName(expected).values()) {
            Proof.Table actual = found.remove(wanted.table());
            if (actual == null) {
                differences.add(new Difference(Kind.MISSING, wanted.table(), wanted.rows(), null));
            } else if (actual.rows() != wanted.rows()) {
                differences.add(new Difference(Kind.ROWS, wanted.table(), wanted.rows(), actual.rows()));
            } else if (contentDiffers(wanted, actual)) {
                differences.add(new Difference(Kind.CONTENT, wanted.table(), wanted.rows(), actual.rows()));
            } else {
                equal.add(wanted.table());
                equalRows += wanted.rows();
            }
        }
        expected.leftOut().forEach(left -> found.remove(left.table()));
        for (Proof.Table extra : found.values()) {
            differences.add(new Difference(Kind.EXTRA, extra.table(), null, extra.rows()));
        }
        return new Comparison(equal, equalRows, differences);
    }

    public boolean matches() {
        return differences.isEmpty();
    }

    /** For the console: one line a difference under a heading, then the sum; just the sum if there is none. */
    public String text() {
        String sum = equal.size() + " of " + (equal.size() + differences.size()) + " tables as in the proof, "
                + equalRows + " rows";
        if (matches()) {
            return sum + System.lineSeparator();
        }
        int width = differences.stream()
                .mapToInt(difference -> difference.table().toString().length())
                .max()
                .orElse(0);
        String format = "%-" + Math.max(width, "table".length()) + "s  %15s  %15s  %s%n";
        return differences.stream()
                .map(difference -> format.formatted(
                        difference.table(),
                        rows(difference.expected()),
                        rows(difference.restored()),
                        difference.kind().text))
                .collect(Collectors.joining(
                        "",
                        format.formatted("table", "rows expected", "rows restored", ""),
                        sum + System.lineSeparator()));
    }

    private static boolean contentDiffers(Proof.Table wanted, Proof.Table actual) {
        boolean hashed = wanted.content() != null && actual.content() != null;
        return hashed && !wanted.content().equals(actual.content());
    }

    private static Map<TableName, Proof.Table> byName(Proof proof) {
        return proof.tables().stream()
                .collect(Collectors.toMap(
                        Proof.Table::table, Function.identity(), (first, second) -> first, TreeMap::new));
    }

    private static Object rows(Long rows) {
        return rows == null ? "-" : rows;
    }
}
