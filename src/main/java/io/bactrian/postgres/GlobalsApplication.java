package io.bactrian.postgres;

import io.bactrian.postgres.GlobalStatement.GlobalObject;
import io.bactrian.postgres.GlobalStatement.Kind;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Creates what a server lacks, step by step, and notes what became of each. */
final class GlobalsApplication {
    private static final String PRESENT = """
            SELECT 'ROLE', rolname FROM pg_catalog.pg_roles
            UNION ALL
            SELECT 'TABLESPACE', spcname FROM pg_catalog.pg_tablespace
            """;

    private final Connection connection;
    private final Set<GlobalObject> present;
    private final Set<GlobalObject> made = new HashSet<>();
    private final List<String> skipped = new ArrayList<>();
    private final List<Globals.Failed> failed = new ArrayList<>();

    GlobalsApplication(Connection connection) throws SQLException {
        this.connection = connection;
        this.present = Set.copyOf(Sql.rows(
                connection, PRESENT, row -> new GlobalObject(Kind.valueOf(row.getString(1)), row.getString(2))));
    }

    Globals.Report apply(List<String> statements) throws SQLException {
        List<GlobalStatement> steps = GlobalStatement.of(statements);
        connection.setAutoCommit(false);
        try {
            for (GlobalStatement step : steps) {
                if (step.isAbout(Kind.ROLE)) {
                    apply(step, this::inSavepoint);
                }
            }
            connection.commit();
        } finally {
            connection.setAutoCommit(true);
        }
        for (GlobalStatement step : steps) {
            if (step.isAbout(Kind.TABLESPACE)) {
                apply(step, sql -> Sql.execute(connection, sql));
            }
        }
        List<String> created = steps.stream()
                .filter(step -> step.creation() && made.contains(step.subject()))
                .map(step -> step.subject().toString())
                .toList();
        return new Globals.Report(created, skipped, failed);
    }

    private void apply(GlobalStatement step, Execution execution) {
        if (step.creation() && present.contains(step.subject())) {
            skipped.add(step.subject().toString());
        } else if (step.creation() || step.subjects().stream().anyMatch(made::contains)) {
            try {
                execution.run(step.sql());
                if (step.creation()) {
                    made.add(step.subject());
                }
            } catch (SQLException refused) {
                failed.add(new Globals.Failed(step.toString(), Sql.reason(refused)));
            }
        }
    }

    private void inSavepoint(String sql) throws SQLException {
        Savepoint before = connection.setSavepoint();
        try {
            Sql.execute(connection, sql);
            connection.releaseSavepoint(before);
        } catch (SQLException refused) {
            connection.rollback(before);
            throw refused;
        }
    }

    @FunctionalInterface
    private interface Execution {
        void run(String sql) throws SQLException;
    }
}
