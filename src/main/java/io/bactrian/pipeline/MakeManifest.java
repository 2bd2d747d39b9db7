package io.bactrian.pipeline;

import io.bactrian.Failure;
import io.bactrian.config.Settings;
import io.bactrian.postgres.Tools;
import io.bactrian.repository.Manifest;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** The {@code manifest} step: everything known of the backup becomes the document that describes it; the body is that. */
final class MakeManifest implements Processor {
    private final Settings settings;
    private final Keys keys;
    private final Clock clock;

    MakeManifest(Settings settings, Keys keys, Clock clock) {
        this.settings = settings;
        this.keys = keys;
        this.clock = clock;
    }

    @Override
    public void process(Exchange exchange) {
        Backup backup = Backup.of(exchange);
        if (backup.artifacts().stream().noneMatch(a -> a.isDump())) {
            throw Failure.usage(
                    "the route stored no dump, so there is nothing to record",
                    "routes/backup-full.camel.yaml must call direct:dump before direct:record.");
        }
        Instant finished = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        Backup.Source source = backup.source();
        Manifest manifest = new Manifest(
                Manifest.FORMAT,
                backup.id(),
                "full",
                backup.started(),
                finished,
                Duration.between(backup.started(), finished).toMillis(),
                host(),
                source.database().name(),
                source.serverVersion(),
                source.systemIdentifier(),
                source.lsn(),
                Map.of("bactrian", Version.text(), "pg_dump", tools(backup).version()),
                options(),
                backup.artifacts(),
                backup.objects(),
                backup.proof(),
                backup.warnings(),
                backup.base(),
                null,
                null,
                keys.encrypting() ? keys.fingerprint() : null);
        backup.withManifest(manifest).on(exchange);
        exchange.getMessage().setBody(manifest);
    }

    private Tools tools(Backup backup) {
        return Tools.locate(settings.programs(), backup.server().majorVersion());
    }

    private Map<String, String> options() {
        Map<String, String> options = new LinkedHashMap<>();
        options.put("format", settings.format().label());
        options.put("compression", settings.compression().label());
        options.put("compressionLevel", String.valueOf(settings.compressionLevel()));
        options.put("encryption", keys.encrypting() ? settings.encryption().label() : "none");
        options.put("proof", settings.proof());
        return options;
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "unknown";
        }
    }
}
