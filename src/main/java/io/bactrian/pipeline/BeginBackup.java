package io.bactrian.pipeline;

import io.bactrian.config.Settings;
import io.bactrian.postgres.DatabaseUrl;
import io.bactrian.postgres.Server;
import io.bactrian.repository.BackupId;
import io.bactrian.repository.Layout;
import io.bactrian.repository.LocalStore;
import io.bactrian.repository.RunLock;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes the lock, clears what an earlier run left when it was killed, chooses the server, names the backup. */
final class BeginBackup implements Processor {
    private static final Logger LOG = LoggerFactory.getLogger(BeginBackup.class);

    private final Settings settings;
    private final LocalStore store;
    private final Keys keys;
    private final Clock clock;

    BeginBackup(Settings settings, LocalStore store, Keys keys, Clock clock) {
        this.settings = settings;
        this.store = store;
        this.keys = keys;
        this.clock = clock;
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        DatabaseUrl url = DatabaseUrl.parse(settings.databaseUrl(), settings.environment());
        Resources.closeAfter(exchange, RunLock.acquire(store.root(), "full"));
        store.clearUnfinished(Layout.FULL)
                .forEach(leftover -> LOG.atInfo().addKeyValue("path", leftover).log("Cleared what a killed run left"));
        store.describe();
        keys.prepare();
        Server server = Server.choose(url);

        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        BackupId id = BackupId.full(now);
        Backup.begun(id, Layout.full(id), now, server, null)
                .withFormat(settings.format())
                .on(exchange);
        LOG.atInfo().addKeyValue("backupId", id.text()).log("Full backup started");
    }
}
