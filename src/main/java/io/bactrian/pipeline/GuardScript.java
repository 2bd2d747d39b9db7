package io.bactrian.pipeline;

import io.bactrian.stream.GuardedScript;
import java.io.InputStream;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** Wraps the body: a script that would leave the database it is restored into, or drop another, is refused where it does. */
final class GuardScript implements Processor {
    @Override
    public void process(Exchange exchange) {
        exchange.getMessage().setBody(new GuardedScript(exchange.getMessage().getBody(InputStream.class)));
    }
}
