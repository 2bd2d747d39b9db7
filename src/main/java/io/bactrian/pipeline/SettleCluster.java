package io.bactrian.pipeline;

import io.bactrian.postgres.ClusterRole;
import io.bactrian.postgres.DataDirectory;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Exchange;

/** The {@code settleCluster} step: shuts the recovered cluster down and makes of it a data directory that can be started. */
public final class SettleCluster {
    /** As a cluster of its own. */
    public void alone(Exchange exchange) throws Exception {
        settle(exchange, ClusterRole.alone(), "It stands for itself, with archiving off until you turn it on.");
    }

    private static void settle(Exchange exchange, ClusterRole role, String what) throws Exception {
        Recovery recovery = Recovery.of(exchange);
        DataDirectory directory = recovery.dataDirectory();
        List<String> report = new ArrayList<>();
        report.add("Recovered into " + directory.path() + ". " + what);
        report.addAll(recovery.cluster().settle(recovery.original(), role));
        report.add("Start it: " + recovery.cluster().startCommand(directory.path()));
        directory.keep();
        recovery.reporting(report).on(exchange);
    }
}
