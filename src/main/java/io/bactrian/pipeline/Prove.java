package io.bactrian.pipeline;

import io.bactrian.config.Settings;
import io.bactrian.postgres.Proof;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** Starts to take the proof in the dump's snapshot; it runs while pg_dump does and {@code release} waits for it. */
final class Prove implements Processor {
    private final Settings settings;

    Prove(Settings settings) {
        this.settings = settings;
    }

    @Override
    public void process(Exchange exchange) {
        if (!settings.proof().equals("off")) {
            Backup.of(exchange)
                    .source()
                    .snapshot()
                    .startProof(Proof.Level.valueOf(settings.proof().toUpperCase(java.util.Locale.ROOT)));
        }
    }
}
