package io.bactrian.postgres;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The COPY under which the rows of one table are loaded.
 *
 * @param entry the table's data in the archive
 * @param encoding of the rows, whatever that of the session is
 */
record CopyStatement(ArchiveEntry entry, String encoding) {
    private static final Pattern OF_PG_DUMP = Pattern.compile("COPY .+ FROM stdin;\\R", Pattern.DOTALL);
    private static final Pattern ASCII = Pattern.compile("\\p{ASCII}*");

    /** None where only pg_restore knows how: rows that pg_dump compressed or wrote as INSERTs, names in a strange encoding. */
    static Optional<CopyStatement> of(ArchiveEntry entry, ArchiveHead head) {
        boolean readable =
                head.encoding().equals("UTF8") || ASCII.matcher(entry.copy()).matches();
        return head.compressed()
                        || head.encoding().isEmpty()
                        || !readable
                        || !OF_PG_DUMP.matcher(entry.copy()).matches()
                ? Optional.empty()
                : Optional.of(new CopyStatement(entry, head.encoding()));
    }

    TableName table() {
        return entry.tableName();
    }

    String sql() {
        String statement = entry.copy().strip();
        return statement.substring(0, statement.length() - 1) + " WITH (ENCODING '" + encoding + "')";
    }
}
