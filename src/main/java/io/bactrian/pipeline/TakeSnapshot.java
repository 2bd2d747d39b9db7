package io.bactrian.pipeline;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import io.bactrian.config.Settings;
import io.bactrian.postgres.Blindspot;
import io.bactrian.postgres.Blindspots;
import io.bactrian.postgres.DatabaseProperties;
import io.bactrian.postgres.Server;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens and exports the snapshot, refuses what this role cannot read, and notes what the database is like. */
final class TakeSnapshot implements Processor {
    private static final Logger LOG = LoggerFactory.getLogger(TakeSnapshot.class);

    private final Settings settings;

    TakeSnapshot(Settings settings) {
        this.settings = settings;
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        Backup backup = Backup.of(exchange);
        Connection connection = backup.server().connect();
        try {
            Resources.closeAfter(exchange, connection);
            List<Blindspot> blindspots = Blindspots.find(connection);
            refuse(blindspots);
            List<String> warnings =
                    blindspots.stream().map(b -> b.message() + " " + b.hint()).toList();
            warnings.forEach(text ->
                    LOG.atWarn().addKeyValue("backupId", backup.id().text()).log(text));
            backup.withSource(source(connection)).withWarnings(warnings).on(exchange);
        } catch (SQLException e) {
            throw Server.explain(e, "read the catalogue of " + backup.server().description());
        }
    }

    private static void refuse(List<Blindspot> blindspots) {
        List<Blindspot> refused = blindspots.stream()
                .filter(b -> b.severity() == Blindspot.Severity.REFUSE)
                .toList();
        if (!refused.isEmpty()) {
            throw new Failure(
                    ExitCode.PRECONDITION,
                    refused.stream().map(Blindspot::message).collect(Collectors.joining("\n")),
                    refused.stream().map(Blindspot::hint).distinct().collect(Collectors.joining("\n      ")));
        }
    }

    private Backup.Source source(Connection connection) throws SQLException {
        DatabaseProperties database = DatabaseProperties.read(connection);
        boolean passwords = Blindspots.canReadRolePasswords(connection);
        String systemIdentifier = systemIdentifier(connection);
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
            setLockTimeout(connection);
            try (ResultSet row = statement.executeQuery("""
                    SELECT pg_catalog.pg_export_snapshot(), pg_catalog.current_setting('server_version'),
                           CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn()
                                ELSE pg_catalog.pg_current_wal_lsn() END""")) {
                row.next();
                return new Backup.Source(
                        new Snapshot(row.getString(1), connection),
                        database,
                        row.getString(2),
                        systemIdentifier,
                        row.getString(3),
                        passwords);
            }
        }
    }

    private void setLockTimeout(Connection connection) throws SQLException {
        try (PreparedStatement setting =
                connection.prepareStatement("SELECT pg_catalog.set_config('lock_timeout', ?, false)")) {
            setting.setString(1, settings.lockTimeout());
            setting.execute();
        }
    }

    /** Null where the role may not execute the function; a dump can do without. */
    private static String systemIdentifier(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("""
                        SELECT CASE WHEN has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')
                                    THEN (SELECT system_identifier::text FROM pg_catalog.pg_control_system()) END""")) {
            row.next();
            return row.getString(1);
        }
    }
}
