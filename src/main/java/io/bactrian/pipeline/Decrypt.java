package io.bactrian.pipeline;

import io.bactrian.crypto.Aes256Cbc;
import io.bactrian.repository.Artifact;
import io.bactrian.stream.Stage;
import java.io.IOException;
import java.io.InputStream;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** Wraps the body: opened with the repository's key, in a thread of its own. What is not encrypted passes as it is. */
final class Decrypt implements Processor {
    private final Keys keys;

    Decrypt(Keys keys) {
        this.keys = keys;
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        Reading reading = Reading.of(exchange);
        if (reading == null || reading.artifact() == null) {
            return;
        }
        Artifact artifact = reading.artifact();
        InputStream sealed = exchange.getMessage().getBody(InputStream.class);
        InputStream opened = open(keys, artifact, reading.sessionKey(), sealed);
        exchange.getMessage().setBody(opened == sealed ? opened : Stage.of("decrypt", opened, next -> next));
    }

    /** @param sessionKey its session-key packets; null where it has none */
    static InputStream open(Keys keys, Artifact artifact, byte[] sessionKey, InputStream sealed) throws IOException {
        return switch (artifact.encryptedWith()) {
            case NONE -> sealed;
            case AES_256_CBC -> Aes256Cbc.open(keys.passphrase(), artifact.hmac(), sealed);
            case OPENPGP, GPG -> keys.unlocked().open(sessionKey, sealed);
        };
    }
}
