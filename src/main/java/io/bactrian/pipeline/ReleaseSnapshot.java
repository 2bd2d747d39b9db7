package io.bactrian.pipeline;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** Collects the proof and ends the snapshot as soon as nobody looks through it any more: it holds back vacuum meanwhile. */
final class ReleaseSnapshot implements Processor {
    @Override
    public void process(Exchange exchange) throws Exception {
        Backup backup = Backup.of(exchange);
        backup.source()
                .snapshot()
                .release()
                .map(backup::withProof)
                .orElse(backup)
                .on(exchange);
    }
}
