package io.bactrian.pipeline;

import io.bactrian.Failure;
import io.bactrian.postgres.Server;
import io.bactrian.postgres.TableName;
import io.bactrian.postgres.TableOfContents;
import io.bactrian.postgres.TableSelection;
import io.bactrian.postgres.Tables;
import java.io.InputStream;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;

/** The {@code select} step of {@code --table}: which entries of the archive are restored, and what must make way for them. */
public final class SelectTables {
    static final String LIST_NAME = "selection.list";
    static final String BEFORE_NAME = "before.sql";

    /** Reads the spooled archive's table of contents and writes the list that {@code pg_restore --use-list} takes. */
    public void list(Exchange exchange) throws Exception {
        Restore restore = Restore.of(exchange);
        TableSelection selection;
        try (InputStream archive = Files.newInputStream(restore.workspace().resolve(Spool.NAME))) {
            selection = TableOfContents.read(archive)
                    .select(restore.options().table().orElseThrow());
        }
        Files.write(restore.workspace().resolve(LIST_NAME), selection.lines());
        restore.withSelection(selection).reporting(selection.warnings()).on(exchange);
    }

    /** Into a database that stays: tables that are in the way are refused, or with --replace moved to a schema of their own. */
    public void makeWay(Exchange exchange) throws Exception {
        Restore restore = Restore.of(exchange);
        try (Connection connection = restore.server().connect(restore.target())) {
            Tables tables = new Tables(connection);
            List<TableName> inTheWay = tables.existing(restore.selection().tables());
            String names = inTheWay.stream().map(TableName::toString).collect(Collectors.joining(", "));
            if (!inTheWay.isEmpty() && !restore.options().replace()) {
                throw Failure.precondition(
                        "database \"" + restore.target() + "\" already has " + names,
                        "Add --replace (they are kept in a schema of their own), or restore into a new database.");
            }
            String schema = Tables.oldSchema(restore.started());
            Files.writeString(restore.workspace().resolve(BEFORE_NAME), tables.move(inTheWay, schema));
            if (!inTheWay.isEmpty()) {
                restore.reporting(List.of("Kept the old " + names + " in schema \"" + schema + "\"."))
                        .on(exchange);
            }
        } catch (SQLException e) {
            throw Server.explain(e, "look for tables in \"" + restore.target() + "\"");
        }
    }
}
