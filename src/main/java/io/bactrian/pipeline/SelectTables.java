package io.bactrian.pipeline;

import io.bactrian.Failure;
import io.bactrian.postgres.Server;
import io.bactrian.postgres.TableOfContents;
import io.bactrian.postgres.TableSelection;
import io.bactrian.postgres.Tables;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.apache.camel.Exchange;

/** The {@code select} step of {@code --table}: which entries of the archive are restored, and what must make way for them. */
public final class SelectTables {
    static final String LIST_NAME = "selection.list";
    static final String BEFORE_NAME = "before.sql";

    /** The body is what {@code pg_restore --list --verbose} prints. */
    public void list(Exchange exchange) throws Exception {
        Restore restore = Restore.of(exchange);
        TableSelection selection;
        try (InputStream body = exchange.getMessage().getBody(InputStream.class)) {
            selection = TableOfContents.parse(new String(body.readAllBytes(), StandardCharsets.UTF_8))
                    .select(restore.options().table().orElseThrow());
        }
        Files.writeString(restore.workspace().resolve(LIST_NAME), selection.useList());
        restore.withSelection(selection).reporting(selection.warnings()).on(exchange);
        exchange.getMessage().setBody(null);
    }

    /** Into a database that stays: tables that are in the way are refused, or with --replace moved to a schema of their own. */
    public void makeWay(Exchange exchange) throws Exception {
        Restore restore = Restore.of(exchange);
        try (Connection connection = restore.server().connect(restore.target())) {
            Tables tables = new Tables(connection);
            List<String> inTheWay = tables.existing(restore.selection().tables());
            if (!inTheWay.isEmpty() && !restore.options().replace()) {
                throw Failure.precondition(
                        "database \"" + restore.target() + "\" already has " + String.join(", ", inTheWay),
                        "Add --replace (they are kept in a schema of their own), or restore into a new database.");
            }
            String schema = Tables.oldSchema(restore.started());
            Files.writeString(
                    restore.workspace().resolve(BEFORE_NAME),
                    tables.makeWay(restore.selection(), inTheWay.isEmpty() ? null : schema));
            if (!inTheWay.isEmpty()) {
                restore.reporting(List.of("Kept " + String.join(", ", inTheWay) + " in schema \"" + schema + "\"."))
                        .on(exchange);
            }
        } catch (SQLException e) {
            throw Server.explain(e, "looking for tables in \"" + restore.target() + "\"");
        }
    }
}
