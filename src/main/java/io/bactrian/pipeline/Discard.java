package io.bactrian.pipeline;

import io.bactrian.repository.LocalStore;
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
            store.discard(unfinished.folder());
        }
    }
}
