package io.bactrian.pipeline;

import io.bactrian.repository.Manifest;
import io.bactrian.stream.Digested;
import java.nio.charset.StandardCharsets;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** The body is the manifest as it will be stored; notes what vouches for it: a signature, or without a key a digest. */
final class Sign implements Processor {
    private final Keys keys;

    Sign(Keys keys) {
        this.keys = keys;
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        byte[] manifest = exchange.getMessage().getBody(byte[].class);
        Backup.Signature signature = keys.encrypting()
                ? new Backup.Signature(Manifest.SIGNATURE_NAME, keys.unlocked().sign(manifest), manifest)
                : new Backup.Signature(
                        Manifest.DIGEST_NAME,
                        (Digested.sha256Hex(manifest) + "  " + Manifest.FILE_NAME + "\n")
                                .getBytes(StandardCharsets.US_ASCII),
                        manifest);
        Backup.of(exchange).withSignature(signature).on(exchange);
    }
}
