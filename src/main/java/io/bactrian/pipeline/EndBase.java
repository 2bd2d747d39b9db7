package io.bactrian.pipeline;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** The {@code endBase} step: the base is recorded; the full that it was taken with takes its place again, and names it. */
final class EndBase implements Processor {
    @Override
    public void process(Exchange exchange) {
        Backup base = Backup.of(exchange);
        base.within().withBase(base.id()).on(exchange);
        Pitr.withBase(base.manifest()).on(exchange);
    }
}
