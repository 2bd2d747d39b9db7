package io.bactrian.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.regex.Pattern;
import org.postgresql.core.NativeQuery;
import org.postgresql.core.Parser;

/**
 * The roles and tablespaces of a cluster: the statements of a {@code pg_dumpall --globals-only} script. They may hold password
 * hashes, so they never appear in {@link #toString}, a report or an exception.
 */
public record Globals(List<String> statements) {
    /** What may stand before a statement: comments, and psql's own commands such as {@code \restrict}. */
    private static final Pattern PREAMBLE =
            Pattern.compile("\\A(?:\\s+|/\\*(?s:.*?)\\*/|--[^\\n]*(?:\\n|\\z)|\\\\[^\\n]*(?:\\n|\\z))+");

    public Globals {
        statements = List.copyOf(statements);
    }

    /**
     * What became of the script, each entry a few words such as {@code role "app"}.
     *
     * @param skipped what the server has already; it is never altered
     */
    public record Report(List<String> created, List<String> skipped, List<Failed> failed) {
        public Report {
            created = List.copyOf(created);
            skipped = List.copyOf(skipped);
            failed = List.copyOf(failed);
        }
    }

    public record Failed(String what, String reason) {}

    public static Globals parse(String sql) {
        try {
            List<String> statements = Parser.parseJdbcSql(sql, true, false, true, false, false).stream()
                    .map(Globals::withoutPreamble)
                    .filter(statement -> !statement.isEmpty())
                    .toList();
            return new Globals(statements);
        } catch (SQLException impossible) {
            throw new IllegalArgumentException("not SQL", impossible);
        }
    }

    /**
     * Creates the roles and tablespaces that the server does not have, with their attributes, memberships and settings. Existing
     * ones keep what they have, their passwords above all. Settings of a role in one database are left to {@link
     * DatabaseProperties}, since that database may not exist yet.
     *
     * @param connection in auto-commit mode; roles are created in one transaction, tablespaces cannot be
     */
    public Report apply(Connection connection) throws SQLException {
        return new GlobalsApplication(connection).apply(statements);
    }

    @Override
    public String toString() {
        return "Globals[" + statements.size() + " statements]";
    }

    private static String withoutPreamble(NativeQuery query) {
        return PREAMBLE.matcher(query.nativeSql).replaceFirst("").strip();
    }
}
