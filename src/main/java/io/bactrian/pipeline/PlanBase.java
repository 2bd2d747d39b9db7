package io.bactrian.pipeline;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import io.bactrian.config.PitrMode;
import io.bactrian.config.Settings;
import io.bactrian.postgres.PitrReadiness;
import io.bactrian.postgres.PitrReadiness.Obstacle;
import io.bactrian.postgres.Replication;
import io.bactrian.postgres.Server;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The {@code planBase} step: whether point-in-time recovery is on. */
final class PlanBase implements Processor {
    private static final Logger LOG = LoggerFactory.getLogger(PlanBase.class);

    private final Settings settings;

    PlanBase(Settings settings) {
        this.settings = settings;
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        Backup backup = Backup.of(exchange);
        Pitr pitr = plan(backup);
        pitr.on(exchange);
        if (!pitr.enabled()) {
            LOG.atInfo()
                    .addKeyValue("backupId", backup.id().text())
                    .addKeyValue("hint", pitr.hint())
                    .log("No point-in-time recovery: {}", pitr.why());
        }
    }

    private Pitr plan(Backup backup) throws SQLException {
        if (settings.pitr() == PitrMode.OFF) {
            return Pitr.off("BACKUP_PITR is off", null);
        }
        List<Obstacle> against = against(settings, ClusterServer.choose(settings, backup.server()));
        if (against.isEmpty()) {
            return Pitr.isOn();
        }
        if (settings.pitr() == PitrMode.ON) {
            throw new Failure(
                    ExitCode.PRECONDITION,
                    "BACKUP_PITR is on, but " + sentence(against, Obstacle::what, "; and "),
                    sentence(against, Obstacle::hint, "\n      "));
        }
        return Pitr.off(against.get(0).what(), against.get(0).hint());
    }

    private static String sentence(
            List<Obstacle> obstacles, java.util.function.Function<Obstacle, String> part, String between) {
        return obstacles.stream().map(part).collect(Collectors.joining(between));
    }

    /** What stands against point-in-time recovery on a server, as BACKUP_PITR wants it. */
    static List<Obstacle> against(Settings settings, Server server) throws SQLException {
        PitrReadiness readiness;
        try (Connection connection = server.connect()) {
            readiness = PitrReadiness.read(connection);
        }
        List<Obstacle> obstacles = readiness.obstacles();
        if (!obstacles.isEmpty()) {
            return obstacles;
        }
        if (settings.pitr() == PitrMode.AUTO && readiness.unbounded().isPresent()) {
            return List.of(readiness.unbounded().get());
        }
        return replication(server);
    }

    /** pg_hba.conf has lines of its own for replication connections: only an attempt tells. */
    private static List<Obstacle> replication(Server server) throws SQLException {
        try (Replication replication = Replication.connect(server)) {
            replication.identify();
            return List.of();
        } catch (Failure refused) {
            return List.of(new Obstacle(refused.getMessage(), refused.hint()));
        }
    }
}
