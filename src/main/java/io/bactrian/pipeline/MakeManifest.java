package io.bactrian.pipeline;

import io.bactrian.Failure;
import io.bactrian.config.Settings;
import io.bactrian.postgres.ToolVersions;
import io.bactrian.postgres.Tools;
import io.bactrian.repository.Artifact;
import io.bactrian.repository.Layout;
import io.bactrian.repository.Manifest;
import io.bactrian.repository.Origin;
import io.bactrian.repository.PhysicalBase;
import io.bactrian.repository.WalRange;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** The {@code manifest} step: everything known of the backup becomes the document that describes it; the body is that. */
final class MakeManifest implements Processor {
    /** The option of an incremental that says where its cluster was reached, {@code db.example.com:5432}. */
    static final String SERVER = "server";

    private final Settings settings;
    private final ToolVersions versions;
    private final Keys keys;
    private final Clock clock;

    MakeManifest(Settings settings, ToolVersions versions, Keys keys, Clock clock) {
        this.settings = settings;
        this.versions = versions;
        this.keys = keys;
        this.clock = clock;
    }

    @Override
    public void process(Exchange exchange) {
        Backup backup = Backup.of(exchange);
        Manifest manifest = switch (backup.id().kind()) {
            case Layout.BASE -> base(backup);
            case Layout.INCREMENTAL -> incremental(backup);
            default -> full(backup);
        };
        backup.withManifest(manifest).on(exchange);
        exchange.getMessage().setBody(manifest);
    }

    private Manifest full(Backup backup) {
        require(backup, Artifact::isDump, "dump", "routes/backup-full.camel.yaml must call direct:dump");
        Backup.Source source = backup.source();
        Map<String, String> options = options();
        options.put("format", settings.format().label());
        options.put("proof", settings.proof());
        if (!settings.name().isEmpty()
                && !settings.name().equals(source.database().name())) {
            options.put(Origin.NAME, settings.name());
        }
        return manifest(
                backup,
                source.database().name(),
                source.serverVersion(),
                source.systemIdentifier(),
                source.lsn(),
                "pg_dump",
                options,
                null,
                null);
    }

    private Manifest base(Backup backup) {
        require(
                backup,
                artifact -> artifact.content().equals(Artifact.BASE),
                "base",
                "routes/base.camel.yaml must call pg_basebackup");
        WalWork wal = backup.wal();
        return manifest(
                backup,
                null,
                wal.serverVersion(),
                wal.systemId(),
                null,
                "pg_basebackup",
                options(),
                wal.physical(),
                null);
    }

    private Manifest incremental(Backup backup) {
        WalWork wal = backup.wal();
        WalReception reception = wal.reception();
        if (reception.isIntact() && !reception.isComplete()) {
            throw nothing("WAL", "routes/backup-incremental.camel.yaml must call direct:receive");
        }
        Map<String, String> options = options();
        if (backup.server() != null) { // a chain can be closed without one
            options.put(SERVER, backup.server().address());
        } else if (wal.streamed() != null) {
            options.put(SERVER, wal.streamed().server());
        }
        String open = backup.listed().stream()
                .filter(Artifact::isWal)
                .findFirst()
                .map(artifact -> OpenLine.ofWal(artifact, keys.fingerprint()))
                .orElse(null);
        return manifest(
                backup,
                null,
                wal.serverVersion(),
                wal.systemId(),
                null,
                "pg_receivewal",
                options,
                null,
                reception.range(wal.chain(), open));
    }

    private static void require(Backup backup, Predicate<Artifact> kind, String what, String remedy) {
        if (backup.artifacts().stream().noneMatch(kind)) {
            throw nothing(what, remedy);
        }
    }

    private static Failure nothing(String what, String remedy) {
        return Failure.usage(
                "the route stored no " + what + ", so there is nothing to record", remedy + " before direct:record.");
    }

    private Manifest manifest(
            Backup backup,
            String database,
            String serverVersion,
            String systemId,
            String lsn,
            String program,
            Map<String, String> options,
            PhysicalBase physical,
            WalRange wal) {
        Instant finished = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        return new Manifest(
                Manifest.FORMAT,
                backup.id(),
                backup.id().kind(),
                backup.started(),
                finished,
                Duration.between(backup.started(), finished).toMillis(),
                host(),
                database,
                serverVersion,
                systemId,
                lsn,
                tools(backup, program),
                options,
                backup.listed(),
                backup.objects(),
                backup.proof(),
                backup.warnings(),
                backup.base(),
                physical,
                wal,
                keys.encrypting() ? keys.fingerprint() : null);
    }

    /** The program that made the first artifact, where there is any. */
    private Map<String, String> tools(Backup backup, String program) {
        return backup.listed().isEmpty()
                ? Map.of("bactrian", Version.text())
                : Map.of(
                        "bactrian",
                        Version.text(),
                        program,
                        Tools.locate(settings.programs(), majorVersion(backup), versions)
                                .version());
    }

    private static int majorVersion(Backup backup) {
        return backup.server() == null
                ? backup.wal().streamed().majorVersion()
                : backup.server().majorVersion();
    }

    private Map<String, String> options() {
        Map<String, String> options = new LinkedHashMap<>();
        options.put("compression", settings.compression().label());
        options.put("compressionLevel", String.valueOf(settings.compressionLevel()));
        options.put("encryption", keys.encrypting() ? settings.encryption().label() : "none");
        return options;
    }

    static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "unknown";
        }
    }
}
