package io.bactrian.pipeline;

import io.bactrian.config.Settings;
import io.bactrian.postgres.DatabaseUrl;
import io.bactrian.postgres.Server;
import io.bactrian.repository.BackupId;
import io.bactrian.repository.Exclusive;
import io.bactrian.repository.Layout;
import io.bactrian.repository.LocalStore;
import io.bactrian.repository.RunLock;
import java.io.IOException;
import java.time.Instant;
import java.util.function.Function;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes the lock of this database, clears what an earlier run left when it was killed, chooses the server, names the backup. */
final class BeginBackup implements Processor {
    private static final Logger LOG = LoggerFactory.getLogger(BeginBackup.class);

    private final Settings settings;
    private final LocalStore store;
    private final Keys keys;

    BeginBackup(Settings settings, LocalStore store, Keys keys) {
        this.settings = settings;
        this.store = store;
        this.keys = keys;
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        DatabaseUrl url = DatabaseUrl.parse(settings.databaseUrl(), settings.environment());
        String name = settings.name().isEmpty() ? url.database() : settings.name();
        Resources.closeAfter(exchange, Exclusive.full(store.root(), name));
        try (RunLock alone = store.running().alone()) {
            clearUnfinished(store, Layout.FULL);
            store.describe();
            keys.prepare();
        }
        Server server = Server.choose(url);
        BackupId id = begin(exchange, store, BackupId::full);
        Backup.begun(id, Layout.full(id), id.began(), server, null)
                .withFormat(settings.format())
                .on(exchange);
        LOG.atInfo().addKeyValue("backupId", id.text()).log("Full backup started");
    }

    static void clearUnfinished(LocalStore store, String kind) throws IOException {
        store.clearUnfinished(kind).forEach(BeginBackup::cleared);
    }

    static void cleared(String leftover) {
        LOG.atInfo().addKeyValue("path", leftover).log("Cleared what a killed run left");
    }

    /** Names a backup, which nobody clears away until the exchange is done. */
    static BackupId begin(Exchange exchange, LocalStore store, Function<Instant, BackupId> name) throws IOException {
        try (RunLock alone = store.running().alone()) {
            return Resources.closeAfter(exchange, store.running().begin(name)).id();
        }
    }
}
