package io.bactrian.pipeline;

import io.bactrian.repository.Exclusive;
import io.bactrian.repository.LocalStore;
import io.bactrian.repository.RunLock;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The {@code advance} step: what the manifest lists the server need not keep any longer. A base that another process takes just
 * now reads the WAL since its own start, so then the slot stays until the next run.
 */
final class AdvanceSlot implements Processor {
    private static final Logger LOG = LoggerFactory.getLogger(AdvanceSlot.class);

    private final LocalStore store;

    AdvanceSlot(LocalStore store) {
        this.store = store;
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        Backup backup = Backup.of(exchange);
        if (backup.within() != null) {
            advance(backup); // our own base has ended
            return;
        }
        Optional<RunLock> noBase =
                RunLock.tryAcquire(store.root(), Exclusive.ofBase(backup.wal().systemId()));
        if (noBase.isEmpty()) {
            LOG.atInfo().addKeyValue("backupId", backup.id().text()).log("A base is running: the slot stays for it");
            return;
        }
        try (RunLock held = noBase.get()) {
            advance(backup);
        }
    }

    private static void advance(Backup backup) throws SQLException {
        try (Connection connection = backup.server().connect()) {
            backup.wal().slot().advance(connection, backup.manifest().wal().end());
        }
    }
}
