package io.bactrian.pipeline;

import io.bactrian.Failure;
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
        DumpFormat format = body.startsWith('P', 'G', 'D', 'M', 'P') ? DumpFormat.CUSTOM : DumpFormat.PLAIN;
        Restore restore = Restore.of(exchange).withFormat(format);
        if (restore.selectsTables() && !restore.isArchive()) {
            throw Failure.usage(
                    "--table takes an archive of pg_dump, and this is a script",
                    "Restore all of it under another name, and copy the table from there.");
        }
        restore.on(exchange);
    }
}
