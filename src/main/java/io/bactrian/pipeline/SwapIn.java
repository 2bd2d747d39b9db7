package io.bactrian.pipeline;

import io.bactrian.postgres.DatabaseProperties;
import io.bactrian.postgres.Databases;
import io.bactrian.postgres.Server;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** The {@code swap} step: the loaded database gets the original's settings and grants, and then its name. */
final class SwapIn implements Processor {
    @Override
    public void process(Exchange exchange) {
        Restore restore = Restore.of(exchange);
        List<String> report = new ArrayList<>();
        if (restore.intoExisting()) {
            report.add("Restored into database \"" + restore.target() + "\".");
        } else {
            try {
                swap(restore, report);
            } catch (SQLException e) {
                throw Server.explain(e, "give the restored database its name");
            }
        }
        restore.reporting(report).on(exchange);
    }

    private static void swap(Restore restore, List<String> report) throws SQLException {
        Databases databases = restore.databases();
        DatabaseProperties original = restore.original();
        if (original != null) {
            DatabaseProperties wanted = restore.options().noOwner()
                    ? original.ownedBy(restore.server().user())
                    : original;
            report.addAll(wanted.apply(databases.connection(), restore.database()));
        }
        boolean replace = restore.options().replace() && databases.exists(restore.target());
        String old = Databases.oldName(restore.target(), restore.started());
        databases.swapIn(restore.target(), old, replace, session -> report.add("Ended session of " + session));
        report.add("Restored as database \"" + restore.target() + "\".");
        if (replace && restore.options().dropOld()) {
            databases.drop(old);
            report.add("Dropped the old database.");
        } else if (replace) {
            report.add("The old database is kept as \"" + old + "\"; drop it when you are sure.");
        }
    }
}
