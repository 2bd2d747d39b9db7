package io.bactrian.pipeline;

import io.bactrian.Failure;
import io.bactrian.config.Settings;
import io.bactrian.postgres.DataDirectory;
import io.bactrian.postgres.DatabaseUrl;
import io.bactrian.postgres.Databases;
import io.bactrian.postgres.Server;
import io.bactrian.postgres.TemporaryDirectory;
import io.bactrian.postgres.Tools;
import io.bactrian.postgres.UnpackedBase;
import io.bactrian.repository.Chain;
import io.bactrian.repository.RecoveryPlan;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * The {@code plan} step: chooses base and WAL, and refuses what cannot succeed before anything large is fetched: a time outside the
 * window, a target that exists, programs of another version.
 */
final class PlanRecovery implements Processor {
    private final Settings settings;
    private final Clock clock;

    PlanRecovery(Settings settings, Clock clock) {
        this.settings = settings;
        this.clock = clock;
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        Recovery recovery = Recovery.of(exchange);
        RecoveryPlan plan = plan(Catalogue.of(exchange), recovery);
        exchange.removeProperty(Reading.PROPERTY); // the last manifest that was read is not what is restored
        if (!recovery.isWholeCluster()) {
            refuseExistingTarget(exchange, recovery, plan);
        }
        Tools tools = Tools.locateServer(settings.programs(), major(plan));
        Path temporary = settings.temporaryDirectory();
        TemporaryDirectory.clearLeftovers(temporary);
        if (recovery.isWholeCluster()) {
            DataDirectory claimed = Resources.closeAfter(
                    exchange,
                    DataDirectory.claim(recovery.options().dataDirectory().orElseThrow()));
            recovery = recovery.withDataDirectory(claimed);
        }
        UnpackedBase base = Resources.closeAfter(
                exchange, UnpackedBase.in(tools, temporary, recovery.options().dataDirectory()));
        recovery.planned(plan, Catalogue.of(exchange).stores())
                .withBase(base)
                .entering("fetch", clock.instant())
                .on(exchange);
    }

    private static int major(RecoveryPlan plan) {
        return Integer.parseInt(plan.base().serverVersion().replaceFirst("\\D.*", ""));
    }

    private RecoveryPlan plan(Catalogue catalogue, Recovery recovery) {
        if (catalogue.manifests().isEmpty() && !catalogue.unreadable().isEmpty()) {
            throw Failure.integrity(
                    "none of the bases and incrementals can be believed: "
                            + catalogue.unreadable().get(0),
                    "Run `bactrian test --all`; bring the damaged files back from a copy of the repository.");
        }
        return RecoveryPlan.of(
                Chain.of(catalogue.manifests()), recovery.options().time(), clock.instant());
    }

    /** Early, though {@code target} looks again: nobody wants to hear of it an hour later. */
    private void refuseExistingTarget(Exchange exchange, Recovery recovery, RecoveryPlan plan) throws SQLException {
        DatabaseUrl url = DatabaseUrl.parse(settings.databaseUrl(), settings.environment());
        String target = recovery.options().target().orElseGet(() -> Databases.nameAt(url.database(), plan.until()));
        Restore restore = Restore.asked(recovery.options().restore(target), recovery.started());
        Server server = Server.choose(url, Databases.MAINTENANCE);
        try (Databases databases = Databases.on(server)) {
            PrepareTarget.refuseExisting(databases.exists(target), target, restore, server);
        }
        restore.on(exchange);
    }
}
