package io.bactrian.pipeline;

import io.bactrian.config.PitrMode;
import io.bactrian.config.Settings;
import io.bactrian.pipeline.CheckResult.Outcome;
import io.bactrian.postgres.DatabaseUrl;
import io.bactrian.postgres.PitrReadiness;
import io.bactrian.postgres.PitrReadiness.Obstacle;
import io.bactrian.postgres.ReplicationSlot;
import io.bactrian.postgres.Server;
import io.bactrian.postgres.WalOnServer;
import io.bactrian.repository.LocalStore;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** The {@code checkPitr} step of {@code bactrian check}: what bases and WAL need of server and role. */
final class CheckPitr implements Processor {
    private static final String SUBJECT = "pitr";

    private final Settings settings;
    private final LocalStore store;

    CheckPitr(Settings settings, LocalStore store) {
        this.settings = settings;
        this.store = store;
    }

    @Override
    public void process(Exchange exchange) {
        CheckResult.add(exchange, SUBJECT, this::look);
    }

    private List<CheckResult> look() throws Exception {
        if (settings.pitr() == PitrMode.OFF) {
            return List.of(CheckResult.ok(SUBJECT, "off by BACKUP_PITR"));
        }
        Server server = Server.choose(DatabaseUrl.parse(settings.clusterUrl(), settings.environment()));
        List<CheckResult> found = new ArrayList<>();
        for (Obstacle obstacle : PlanBase.against(settings, server)) {
            found.add(new CheckResult(
                    settings.pitr() == PitrMode.ON ? Outcome.FAIL : Outcome.INFO,
                    SUBJECT,
                    "off: " + obstacle.what(),
                    obstacle.hint()));
        }
        if (found.isEmpty()) {
            found.add(CheckResult.ok(SUBJECT, "on; the role may replicate, finish WAL segments and is admitted"));
        }
        try (Connection connection = server.connect()) {
            found.add(server(PitrReadiness.read(connection)));
            found.addAll(slot(connection));
            found.add(wal(connection));
        }
        return found;
    }

    private static CheckResult server(PitrReadiness server) {
        return CheckResult.ok(
                SUBJECT,
                "wal_level " + server.walLevel() + ", max_wal_senders " + server.walSenders()
                        + ", max_slot_wal_keep_size "
                        + server.slotKeepBytes().map(Sizes::text).orElse("unbounded"));
    }

    private List<CheckResult> slot(Connection connection) throws SQLException, IOException {
        ReplicationSlot slot = ReplicationSlot.ofRepository(store.created());
        Optional<ReplicationSlot.State> state = slot.state(connection);
        if (state.isEmpty()) {
            return List.of(CheckResult.ok(SUBJECT, "no replication slot yet; the first base makes one"));
        }
        String name = "slot " + slot.name();
        if (state.get().isLost()) {
            return List.of(new CheckResult(
                    Outcome.FAIL,
                    SUBJECT,
                    name + " has lost WAL that was not stored yet",
                    "`bactrian full` starts a new chain; run `bactrian incremental` more often, or raise"
                            + " max_slot_wal_keep_size."));
        }
        return List.of(CheckResult.ok(
                SUBJECT,
                name + " is " + state.get().walStatus() + " and holds back "
                        + Sizes.text(state.get().retainedBytes()) + " of at most "
                        + Sizes.text(settings.slotMaxWal())));
    }

    private static CheckResult wal(Connection connection) throws SQLException, IOException {
        WalOnServer wal = WalOnServer.read(connection);
        return CheckResult.ok(
                SUBJECT,
                Sizes.text(wal.bytes()) + " of WAL on the server"
                        + wal.freeBytes()
                                .map(free -> ", " + Sizes.text(free) + " free beside it")
                                .orElse(""));
    }
}
