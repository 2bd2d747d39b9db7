package io.bactrian.pipeline;

import io.bactrian.Failure;
import io.bactrian.config.Settings;
import io.bactrian.postgres.DatabaseProperties;
import io.bactrian.postgres.DatabaseUrl;
import io.bactrian.postgres.Databases;
import io.bactrian.postgres.LoadSettings;
import io.bactrian.postgres.Server;
import io.bactrian.repository.Artifact;
import io.bactrian.repository.Manifest;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The {@code target} step: refuses what would overwrite, looks whether there is room, and makes the empty database that is
 * loaded. It has a name of its own until the very end, and goes with the exchange if that fails.
 */
final class PrepareTarget implements Processor {
    private static final Logger LOG = LoggerFactory.getLogger(PrepareTarget.class);

    private final Settings settings;

    PrepareTarget(Settings settings) {
        this.settings = settings;
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        Restore restore = Restore.of(exchange);
        Optional<Manifest> manifest = Optional.ofNullable(Reading.of(exchange)).map(Reading::manifest);
        DatabaseUrl url = DatabaseUrl.parse(settings.databaseUrl(), settings.environment());
        String target = restore.options()
                .target()
                .orElseGet(() -> manifest.map(m -> m.database()).orElseGet(url::database));
        Server server = Server.choose(url, Databases.MAINTENANCE);
        Workspace workspace = Resources.closeAfter(exchange, Workspace.create(settings.temporaryDirectory()));
        try {
            Databases databases = Resources.closeAfter(exchange, Databases.on(server));
            boolean exists = databases.exists(target);
            boolean tablesOnly = restore.options().table().isPresent() && exists;
            refuseExisting(exists, target, restore, server);
            databases.clearLeftovers().forEach(name -> LOG.info("Dropped {}, left by a restore that was killed", name));
            checkRoom(exchange, databases, workspace, tablesOnly);
            String loading = target;
            if (!tablesOnly) {
                loading = databases.createBeside(name -> create(databases.connection(), server, restore, name));
            }
            String options = LoadSettings.options(
                            databases.connection(), restore.options().jobs()) + " " + settings.restoreOptions();
            restore.prepared(server, databases, target, loading, exists, workspace.folder(), options.strip())
                    .on(exchange);
        } catch (SQLException e) {
            throw Server.explain(e, "prepare database \"" + target + "\"");
        }
    }

    /** @throws Failure a precondition, unless the target may be replaced or only tables go into it */
    static void refuseExisting(boolean exists, String target, Restore restore, Server server) {
        if (exists && !restore.options().replace() && restore.options().table().isEmpty()) {
            throw Failure.precondition(
                    "database \"" + target + "\" exists on " + server.description(),
                    "Give another name; or --replace: the old one is kept as "
                            + Databases.oldName(target, restore.started()) + ".");
        }
    }

    private static void create(Connection maintenance, Server server, Restore restore, String name)
            throws SQLException {
        DatabaseProperties original = restore.original();
        if (original != null) {
            DatabaseProperties properties = restore.options().noOwner() ? original.ownedBy(server.user()) : original;
            properties.create(maintenance, name).forEach(LOG::warn);
        } else {
            Databases.createEmpty(maintenance, name);
        }
    }

    /** Rows go from the stream into a new database; for one that stays, the archive is unpacked first. */
    private static void checkRoom(Exchange exchange, Databases databases, Workspace workspace, boolean unpacks)
            throws SQLException, IOException {
        Optional<Long> needed = Optional.ofNullable(Recovery.of(exchange))
                .map(recovery -> recovery.dump().bytes())
                .or(() -> Optional.ofNullable(Reading.of(exchange))
                        .map(Reading::manifest)
                        .flatMap(Manifest::dump)
                        .map(Artifact::plainBytes));
        if (needed.isPresent()) {
            if (unpacks) {
                workspace.checkRoom(needed.get());
            }
            checkServerRoom(databases, needed.get());
        }
    }

    /**
     * Where the server keeps its data, if that can be seen from here.
     *
     * @param needed bytes of the dump, which are the least that it will take
     */
    static void checkServerRoom(Databases databases, long needed) throws SQLException {
        Optional<Long> free = databases.freeBytes();
        if (free.isPresent() && free.get() < needed) {
            throw Failure.precondition(
                    "the server's data directory has " + Sizes.text(free.get()) + " free, the dump alone has "
                            + Sizes.text(needed),
                    "Free space there, or restore to another server.");
        }
    }
}
