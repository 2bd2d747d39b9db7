package io.bactrian.pipeline;

import io.bactrian.Failure;
import io.bactrian.config.Settings;
import io.bactrian.postgres.Server;
import io.bactrian.postgres.TableName;
import io.bactrian.postgres.TableOfContents;
import io.bactrian.postgres.TableSelection;
import io.bactrian.postgres.Tables;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;

/** The {@code select} step of {@code --table}: which entries of the archive are restored, and what must make way for them. */
public final class SelectTables {
    static final String LIST_NAME = "selection.list";
    static final String BEFORE_NAME = "before.sql";

    private final Settings settings;

    SelectTables(Settings settings) {
        this.settings = settings;
    }

    /** Writes the list that {@code pg_restore --use-list} takes: the tables, what is theirs and what they need. */
    public void list(Exchange exchange) throws Exception {
        Restore restore = Restore.of(exchange);
        TableSelection selection = contents(restore).select(pattern(restore));
        if (!restore.intoExisting()) {
            restore.reporting(selection.warnings()).on(exchange);
        }
        select(exchange, selection);
    }

    /**
     * Into a database that stays: tables that are in the way are refused, or with --replace moved to a schema of their own. What
     * the database has apart from them is left out of the list.
     */
    public void makeWay(Exchange exchange) throws Exception {
        Restore restore = Restore.of(exchange);
        try (Connection connection = restore.server().connect(restore.target())) {
            Tables tables = new Tables(connection);
            List<TableName> inTheWay =
                    tables.existing(restore.load().selection().tables());
            String names = inTheWay.stream().map(TableName::toString).collect(Collectors.joining(", "));
            if (!inTheWay.isEmpty() && !restore.options().replace()) {
                throw Failure.precondition(
                        "database \"" + restore.target() + "\" already has " + names,
                        "Add --replace (they are kept in a schema of their own), or restore into a new database.");
            }
            String schema = Tables.oldSchema(restore.started());
            String move = tables.move(inTheWay, schema, settings.lockTimeout());
            Files.writeString(restore.workspace().resolve(BEFORE_NAME), move);
            TableSelection selection =
                    tables.afterMove(move, () -> contents(restore).select(pattern(restore), connection));
            restore.reporting(selection.warnings()).on(exchange);
            select(exchange, selection);
            if (!inTheWay.isEmpty()) {
                List<String> report = new ArrayList<>();
                report.add("Kept the old " + names + " in schema \"" + schema + "\".");
                tables.referring(inTheWay).forEach(what -> report.add("Still refers to the old one: " + what + "."));
                Restore.of(exchange).reporting(report).on(exchange);
            }
        } catch (SQLException e) {
            throw Server.explain(e, "look for tables in \"" + restore.target() + "\"");
        }
    }

    private static void select(Exchange exchange, TableSelection selection) throws IOException {
        Restore restore = Restore.of(exchange);
        Files.write(restore.workspace().resolve(LIST_NAME), selection.lines());
        restore.loading(restore.load().selecting(selection)).on(exchange);
    }

    private static TableOfContents contents(Restore restore) {
        return restore.load().archive().contents();
    }

    private static String pattern(Restore restore) {
        return restore.options().table().orElseThrow();
    }
}
