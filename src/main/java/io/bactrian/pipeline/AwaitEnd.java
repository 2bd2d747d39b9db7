package io.bactrian.pipeline;

import io.bactrian.stream.Streams;
import java.io.InputStream;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** Reads the body to its end: the program behind it has then ended, and well, or this throws. */
final class AwaitEnd implements Processor {
    @Override
    public void process(Exchange exchange) throws Exception {
        try (InputStream body = exchange.getMessage().getBody(InputStream.class)) {
            Streams.drain(body);
        }
        exchange.getMessage().setBody(null);
    }
}
