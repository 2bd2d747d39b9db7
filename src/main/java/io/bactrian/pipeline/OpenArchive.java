package io.bactrian.pipeline;

import io.bactrian.postgres.ArchiveStream;
import java.io.InputStream;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** The {@code archive} step: what is in it? The data behind its head wait until there are tables for them. */
final class OpenArchive implements Processor {
    /** In the private folder of the run; the routes name it too. */
    private static final String NAME = "database.dump";

    @Override
    public void process(Exchange exchange) throws Exception {
        Restore restore = Restore.of(exchange);
        InputStream body = exchange.getMessage().getBody(InputStream.class);
        exchange.getMessage().setBody(null);
        ArchiveStream archive = ArchiveStream.open(body, restore.workspace().resolve(NAME));
        restore.loading(ArchiveLoad.of(Resources.closeAfter(exchange, archive))).on(exchange);
    }
}
