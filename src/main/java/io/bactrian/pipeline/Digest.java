package io.bactrian.pipeline;

import io.bactrian.crypto.NativeCrypto;
import io.bactrian.stream.Digested;
import io.bactrian.stream.Peeked;
import java.io.InputStream;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** Wraps the body: counted and digested as it will be stored. */
final class Digest implements Processor {
    private static final int MAGIC_BYTES = 4;

    @Override
    public void process(Exchange exchange) throws Exception {
        Backup backup = Backup.of(exchange);
        Peeked body = Peeked.at(exchange.getMessage().getBody(InputStream.class), MAGIC_BYTES);
        Digested digested = new Digested(body.whole(), NativeCrypto.sha256());
        exchange.getMessage().setBody(digested);
        backup.withDraft(Packing.observed(backup.draft(), body).digested(digested))
                .on(exchange);
    }
}
