package io.bactrian.pipeline;

import io.bactrian.config.DumpFormat;
import io.bactrian.stream.Peeked;
import java.io.InputStream;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** The {@code detect} step: is the opened dump an archive or a script? Its first bytes tell. */
final class DetectFormat implements Processor {
    private static final int MAGIC_BYTES = 5;

    @Override
    public void process(Exchange exchange) throws Exception {
        Peeked body = Peeked.at(exchange.getMessage().getBody(InputStream.class), MAGIC_BYTES);
        exchange.getMessage().setBody(body.whole());
        Restore.of(exchange)
                .withFormat(body.startsWith('P', 'G', 'D', 'M', 'P') ? DumpFormat.CUSTOM : DumpFormat.PLAIN)
                .on(exchange);
    }
}
