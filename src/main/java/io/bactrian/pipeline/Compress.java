package io.bactrian.pipeline;

import io.bactrian.config.Settings;
import io.bactrian.stream.Compression;
import io.bactrian.stream.Stage;
import java.io.InputStream;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** Wraps the body: compressed, in a thread of its own. */
final class Compress implements Processor {
    private final Settings settings;

    Compress(Settings settings) {
        this.settings = settings;
    }

    @Override
    public void process(Exchange exchange) {
        Compression compression = settings.compression();
        if (compression == Compression.NONE) {
            return;
        }
        Backup backup = Backup.of(exchange);
        InputStream body = exchange.getMessage().getBody(InputStream.class);
        int level = settings.compressionLevel();
        exchange.getMessage().setBody(Stage.of("compress", body, next -> compression.compress(next, level)));
        backup.withDraft(backup.draft().compressed(compression)).on(exchange);
    }
}
