package io.bactrian.pipeline;

import io.bactrian.config.Settings;
import io.bactrian.postgres.ClusterRole;
import io.bactrian.postgres.DataDirectory;
import io.bactrian.postgres.Server;
import io.bactrian.postgres.StandbySlot;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Exchange;

/** The {@code settleCluster} step: shuts the recovered cluster down and makes of it a data directory that can be started. */
public final class SettleCluster {
    private final Settings settings;

    SettleCluster(Settings settings) {
        this.settings = settings;
    }

    /** As a cluster of its own. */
    public void alone(Exchange exchange) throws Exception {
        settle(
                exchange,
                ClusterRole.alone(),
                "It stands for itself, with archiving off until you turn it on.",
                () -> {});
    }

    /** As a standby of the primary. */
    public void standby(Exchange exchange) throws Exception {
        Recovery recovery = Recovery.of(exchange);
        Server primary = FollowPrimary.primary(settings);
        StandbySlot slot = recovery.slot();
        settle(
                exchange,
                ClusterRole.standby(primary.connectionWithoutPassword(), slot.name()),
                "It is a standby of " + primary.description() + ", which holds WAL for it by the slot " + slot.name()
                        + ": drop that slot if you give the standby up.",
                slot::keep);
        Recovery.of(exchange)
                .reporting(List.of(
                        "Its connection has no password: give the account that runs it a password file (.pgpass)"
                                + " for user " + primary.user()
                                + ", database \"replication\", unless the primary asks for none."))
                .on(exchange);
    }

    private static void settle(Exchange exchange, ClusterRole role, String what, Runnable last) throws Exception {
        Recovery recovery = Recovery.of(exchange);
        DataDirectory directory = recovery.dataDirectory();
        List<String> report = new ArrayList<>();
        report.add("Recovered into " + directory.path() + ". " + what);
        report.addAll(recovery.cluster().settle(recovery.original(), role));
        report.add("Start it: " + recovery.cluster().startCommand(directory.path()));
        last.run();
        directory.keep();
        recovery.reporting(report).on(exchange);
    }
}
