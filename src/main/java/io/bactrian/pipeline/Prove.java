package io.bactrian.pipeline;

import io.bactrian.config.Settings;
import io.bactrian.postgres.Proof;
import java.sql.SQLException;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Starts to take the proof in the dump's snapshot; it runs while pg_dump does and {@code release} waits for it. The body is the
 * dump, of which something has been read: before its first byte pg_dump has locked all of its tables, and while the rest waits to
 * be read it cannot end.
 */
final class Prove implements Processor {
    private final Settings settings;

    Prove(Settings settings) {
        this.settings = settings;
    }

    @Override
    public void process(Exchange exchange) throws SQLException {
        if (!settings.proof().equals("off")) {
            Backup.of(exchange)
                    .source()
                    .snapshot()
                    .startProof(Proof.Level.valueOf(settings.proof().toUpperCase(java.util.Locale.ROOT)));
        }
    }
}
