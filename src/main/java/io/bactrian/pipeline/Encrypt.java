package io.bactrian.pipeline;

import io.bactrian.crypto.Seal;
import io.bactrian.stream.Peeked;
import io.bactrian.stream.Stage;
import java.io.InputStream;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** Wraps the body: sealed to the repository's key, in a thread of its own. Does nothing where no key is configured. */
final class Encrypt implements Processor {
    private static final int MAGIC_BYTES = 4;

    private final Keys keys;

    Encrypt(Keys keys) {
        this.keys = keys;
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        Backup backup = Backup.of(exchange);
        if (!keys.encrypting()) {
            return;
        }
        Peeked body = Peeked.at(exchange.getMessage().getBody(InputStream.class), MAGIC_BYTES);
        Seal seal = keys.seal();
        exchange.getMessage().setBody(Stage.of("encrypt", body.whole(), seal::body));
        backup.withDraft(Packing.observed(backup.draft(), body).sealed(keys.format(), seal))
                .on(exchange);
    }
}
