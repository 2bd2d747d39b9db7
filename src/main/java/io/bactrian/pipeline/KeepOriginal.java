package io.bactrian.pipeline;

import io.bactrian.postgres.DatabaseProperties;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** The body is what the original database was like; the restore remembers it. */
final class KeepOriginal implements Processor {
    @Override
    public void process(Exchange exchange) {
        DatabaseProperties original = exchange.getMessage().getBody(DatabaseProperties.class);
        Restore.of(exchange).withOriginal(original).on(exchange);
    }
}
