package io.bactrian.postgres;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The COPY under which the rows of one table are loaded.
 *
 * @param sql says in which encoding the rows come, whatever that of the session is
 */
record CopyStatement(TableName table, String sql) {
    private static final Pattern OF_PG_DUMP = Pattern.compile("(COPY .+ FROM stdin);\\R", Pattern.DOTALL);
    private static final Pattern ASCII = Pattern.compile("\\p{ASCII}*");

    /** None where only pg_restore knows how: rows that pg_dump compressed or wrote as INSERTs, names in a strange encoding. */
    static Optional<CopyStatement> of(ArchiveEntry entry, ArchiveHead head) {
        Matcher statement = OF_PG_DUMP.matcher(entry.copy());
        boolean readable =
                head.encoding().equals("UTF8") || ASCII.matcher(entry.copy()).matches();
        if (head.compressed() || head.encoding().isEmpty() || !readable || !statement.matches()) {
            return Optional.empty();
        }
        return Optional.of(new CopyStatement(
                entry.tableName(), statement.group(1) + " WITH (ENCODING '" + head.encoding() + "')"));
    }
}
