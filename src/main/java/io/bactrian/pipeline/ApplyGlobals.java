package io.bactrian.pipeline;

import io.bactrian.config.Settings;
import io.bactrian.postgres.DatabaseUrl;
import io.bactrian.postgres.Databases;
import io.bactrian.postgres.Globals;
import io.bactrian.postgres.Server;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** The body is a script of roles and tablespaces: creates those that are missing, changes none that is there. */
final class ApplyGlobals implements Processor {
    private final Settings settings;

    ApplyGlobals(Settings settings) {
        this.settings = settings;
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        DatabaseUrl url = DatabaseUrl.parse(settings.databaseUrl(), settings.environment());
        Server server = Server.choose(url, Databases.MAINTENANCE);
        try (InputStream body = exchange.getMessage().getBody(InputStream.class);
                Connection connection = server.connect(Databases.MAINTENANCE)) {
            Globals globals = Globals.parse(new String(body.readAllBytes(), StandardCharsets.UTF_8));
            Globals.Report report = globals.apply(connection);
            Restore.of(exchange).reporting(lines(report)).on(exchange);
        } catch (SQLException e) {
            throw Server.explain(e, "create roles and tablespaces");
        }
    }

    private static List<String> lines(Globals.Report report) {
        List<String> lines = new ArrayList<>();
        if (!report.created().isEmpty()) {
            lines.add("Created " + String.join(", ", report.created()) + ".");
        }
        if (!report.skipped().isEmpty()) {
            lines.add("Left as they are: " + String.join(", ", report.skipped()) + ".");
        }
        report.failed().forEach(refusal -> lines.add("Not created: " + refusal.what() + ", " + refusal.reason()));
        return lines;
    }
}
