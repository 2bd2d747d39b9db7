package io.bactrian.pipeline;

import io.bactrian.Failure;
import io.bactrian.config.Settings;
import io.bactrian.postgres.DatabaseProperties;
import io.bactrian.postgres.DatabaseUrl;
import io.bactrian.postgres.DumpScope;
import io.bactrian.postgres.Proof;
import io.bactrian.postgres.Server;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * The {@code recovered} step: looks into the recovered database: what it is like, what of it is dumped, and what the
 * load will be compared with.
 */
final class OpenRecovered implements Processor {
    private final Settings settings;
    private final Clock clock;

    OpenRecovered(Settings settings, Clock clock) {
        this.settings = settings;
        this.clock = clock;
    }

    @Override
    public void process(Exchange exchange) {
        Recovery recovery = Recovery.of(exchange).entering("load", clock.instant());
        String database = DatabaseUrl.parse(settings.databaseUrl(), settings.environment())
                .database();
        Server server = recovery.cluster().server(database);
        try {
            refuseMissing(server, database);
            try (Connection connection = server.connect()) {
                recovery = recovery.dumping(scope(connection, Restore.of(exchange)));
                Restore restore = Restore.of(exchange).withOriginal(DatabaseProperties.read(connection));
                if (!settings.proof().equals("off")) {
                    restore = restore.expecting(proof(connection));
                }
                restore.on(exchange);
            }
        } catch (SQLException e) {
            throw Server.explain(e, "read the recovered database");
        }
        recovery.withServer(server, database).on(exchange);
    }

    private static DumpScope scope(Connection connection, Restore restore) throws SQLException {
        return restore.selectsTables()
                ? DumpScope.ofTables(restore.options().table().orElseThrow(), connection)
                : DumpScope.whole(connection);
    }

    private Proof proof(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        return Proof.take(connection, Proof.Level.valueOf(settings.proof().toUpperCase(Locale.ROOT)));
    }

    private static void refuseMissing(Server server, String database) throws SQLException {
        List<String> there = new ArrayList<>();
        try (Connection connection = server.connect("template1");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT datname FROM pg_catalog.pg_database WHERE NOT datistemplate ORDER BY 1")) {
            while (rows.next()) {
                there.add(rows.getString(1));
            }
        }
        if (!there.contains(database)) {
            throw Failure.precondition(
                    "at that time the cluster had no database \"" + database + "\", but: " + String.join(", ", there),
                    "Name the one that you want in DATABASE_URL, or choose a time when it existed.");
        }
    }
}
