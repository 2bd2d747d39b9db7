package io.bactrian.pipeline;

import io.bactrian.Failure;
import io.bactrian.config.Settings;
import io.bactrian.postgres.DatabaseUrl;
import io.bactrian.postgres.Databases;
import io.bactrian.postgres.Server;
import io.bactrian.postgres.UnpackedBase;
import io.bactrian.repository.Artifact;
import io.bactrian.repository.BackupId;
import io.bactrian.repository.Layout;
import io.bactrian.repository.Manifest;
import io.bactrian.repository.Origin;
import io.bactrian.repository.RecoveryPlan;
import io.bactrian.repository.Store;
import io.bactrian.repository.Survey;
import java.io.File;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The {@code room} step: refuses what would find no room, before anything large is fetched. What base and log take is known. How
 * much is loaded into the live server, the last full before that moment tells, if there is one; {@code target} looks again, at
 * what was recovered.
 */
public final class RequireRoom {
    private static final Logger LOG = LoggerFactory.getLogger(RequireRoom.class);

    private final Settings settings;
    private final StoreCache cache;

    RequireRoom(Settings settings, StoreCache cache) {
        this.settings = settings;
        this.cache = cache;
    }

    /** The last full of the database is read next. There is none to read where no dump of all of it will be made. */
    public void full(Exchange exchange) {
        Recovery recovery = Recovery.of(exchange);
        if (recovery.isWholeDatabase()) {
            Survey survey = exchange.getProperty(Survey.PROPERTY, Survey.class);
            lastFull(survey, recovery.plan())
                    .map(full -> Catalogue.Entry.of(id(full), full.getKey(), full.getValue(), survey))
                    .ifPresent(entry -> entry.read(exchange));
        }
    }

    /** By the path of its manifest, with the stores that have that. One after the moment may hold what the user wants undone. */
    private Optional<Map.Entry<String, List<Store>>> lastFull(Survey survey, RecoveryPlan plan) {
        String database = url().database();
        return survey.manifests().descendingMap().entrySet().stream()
                .filter(entry -> id(entry).isFull() && !id(entry).began().isAfter(plan.until()))
                .filter(entry -> isOf(
                        cache.manifest(entry.getKey(), entry.getValue()),
                        database,
                        plan.chain().systemId()))
                .findFirst();
    }

    private static BackupId id(Map.Entry<String, List<Store>> manifest) {
        return Layout.backupOf(manifest.getKey()).orElseThrow();
    }

    private static boolean isOf(File manifest, String database, String systemId) {
        try {
            Origin origin = Origin.read(manifest);
            return database.equals(origin.database())
                    && (origin.systemIdentifier() == null
                            || origin.systemIdentifier().equals(systemId));
        } catch (IOException e) {
            return false;
        }
    }

    /** The exchange carries the exception: that full tells nothing, and nobody needs it. */
    public void unknown(Exchange exchange) {
        LOG.debug(
                "How much will be loaded cannot be told from {}: {}",
                Reading.of(exchange).id(),
                exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class).getMessage());
        exchange.removeProperty(Reading.PROPERTY);
    }

    /** What was read is the manifest of that full, authenticated; nothing, if none tells. */
    public void check(Exchange exchange) throws IOException {
        Recovery recovery = Recovery.of(exchange);
        Optional<Long> dump = Optional.ofNullable(Reading.of(exchange))
                .map(Reading::manifest)
                .flatMap(Manifest::dump)
                .map(Artifact::plainBytes);
        exchange.removeProperty(Reading.PROPERTY); // it is not what is restored
        checkBase(recovery);
        if (dump.isPresent()) {
            checkServer(Math.min(dump.get(), recovery.plan().base().physical().databaseBytes()));
        }
    }

    private static void checkBase(Recovery recovery) throws IOException {
        UnpackedBase base = recovery.base();
        long needed = recovery.plan().unpackedBytes();
        if (base.freeBytes() < needed) {
            throw Failure.precondition(
                    base.place() + " has " + Sizes.text(base.freeBytes()) + " free, the unpacked base and its WAL need "
                            + Sizes.text(needed),
                    recovery.isWholeCluster()
                            ? "Give a directory on a larger disk."
                            : "Set BACKUP_TEMP_DIR to a folder with more room.");
        }
    }

    private void checkServer(long needed) {
        Server server = Server.choose(url(), Databases.MAINTENANCE);
        try (Databases databases = Databases.on(server)) {
            PrepareTarget.checkServerRoom(databases, needed);
        } catch (SQLException e) {
            throw Server.explain(e, "look for room on the server");
        }
    }

    private DatabaseUrl url() {
        return DatabaseUrl.parse(settings.databaseUrl(), settings.environment());
    }
}
