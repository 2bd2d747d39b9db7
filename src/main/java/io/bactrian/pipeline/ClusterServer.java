package io.bactrian.pipeline;

import io.bactrian.config.Setting;
import io.bactrian.config.Settings;
import io.bactrian.postgres.DatabaseUrl;
import io.bactrian.postgres.Server;

/** The server that bases and WAL come from: BACKUP_CLUSTER_URL where that is set, else the one that is dumped. */
final class ClusterServer {
    private ClusterServer() {}

    static Server choose(Settings settings, Server dumped) {
        return settings.get(Setting.BACKUP_CLUSTER_URL).isEmpty()
                ? dumped
                : Server.choose(DatabaseUrl.parse(settings.clusterUrl(), settings.environment()));
    }
}
