package io.bactrian.pipeline;

import io.bactrian.repository.Artifact;
import io.bactrian.repository.Layout;
import io.bactrian.repository.LocalStore;
import java.io.IOException;
import java.nio.file.Files;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** The {@code discard} step: of a backup that failed before its manifest was stored, nothing stays. */
final class Discard implements Processor {
    private final LocalStore store;

    Discard(LocalStore store) {
        this.store = store;
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        Backup backup = Backup.of(exchange);
        for (Backup unfinished = backup; unfinished != null; unfinished = unfinished.failsToo()) {
            discard(unfinished);
        }
    }

    /** WAL lies with its chain: of that, only what this run has just stored. */
    private void discard(Backup unfinished) throws IOException {
        if (Files.exists(store.root().resolve(unfinished.manifestPath()))) {
            return;
        }
        store.discard(unfinished.folder());
        for (Artifact artifact : unfinished.artifacts()) {
            if (artifact.isWal()) {
                String folder =
                        Layout.wal(unfinished.wal().systemId(), unfinished.wal().chain());
                store.delete(folder + "/" + artifact.name());
                if (artifact.sessionKey() != null) {
                    store.delete(folder + "/" + artifact.sessionKey().name());
                }
            }
        }
    }
}
