package io.bactrian.pipeline;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import io.bactrian.config.DumpFormat;
import io.bactrian.crypto.Encryption;
import io.bactrian.postgres.TableOfContents;
import io.bactrian.repository.Artifact;
import io.bactrian.repository.Layout;
import io.bactrian.stream.Digested;
import io.bactrian.stream.Metered;
import io.bactrian.stream.Peeked;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.camel.Exchange;

/** The {@code artifact} step: names what begins to be packed, and describes it once it is stored. */
public final class Packing {
    private static final int ARCHIVE_HEAD_BYTES = 4096;

    private final Keys keys;

    Packing(Keys keys) {
        this.keys = keys;
    }

    /**
     * The body becomes a counted stream, of which the first bytes have come: pg_dump writes none before it has locked all tables.
     * Of a custom-format dump the number of objects is noted in passing.
     */
    public void dump(Exchange exchange) throws Exception {
        Backup backup = Backup.of(exchange);
        InputStream body = exchange.getMessage().getBody(InputStream.class);
        if (backup.format() == DumpFormat.CUSTOM) {
            Peeked peeked = Peeked.at(body, ARCHIVE_HEAD_BYTES);
            backup = countObjects(backup, peeked.head());
            begin(exchange, backup, "database.dump", Artifact.DUMP_CUSTOM, peeked.whole());
        } else {
            begin(
                    exchange,
                    backup,
                    "database.sql",
                    Artifact.DUMP_PLAIN,
                    Peeked.at(body, 1).whole());
        }
    }

    /** An archive format that is newer than this program must not fail a backup: the number is then unknown. */
    private static Backup countObjects(Backup backup, byte[] head) throws IOException {
        try {
            return backup.withObjects(TableOfContents.count(head));
        } catch (Failure unknown) {
            if (unknown.exitCode() != ExitCode.PRECONDITION) {
                throw unknown;
            }
            return backup;
        }
    }

    public void globals(Exchange exchange) {
        begin(
                exchange,
                Backup.of(exchange),
                "globals.sql",
                Artifact.GLOBALS,
                exchange.getMessage().getBody(InputStream.class));
    }

    /** The body is the database's properties as JSON. */
    public void properties(Exchange exchange) {
        begin(
                exchange,
                Backup.of(exchange),
                "database.json",
                Artifact.PROPERTIES,
                exchange.getMessage().getBody(InputStream.class));
    }

    /** The body is a whole cluster as one tar. */
    public void base(Exchange exchange) {
        begin(
                exchange,
                Backup.of(exchange),
                "base.tar",
                Artifact.BASE,
                exchange.getMessage().getBody(InputStream.class));
    }

    /** The body is one of the files that pg_basebackup wrote. */
    public void baseFile(Exchange exchange) throws IOException {
        Path file = exchange.getMessage().getBody(File.class).toPath();
        String name = file.getFileName().toString();
        begin(
                exchange,
                Backup.of(exchange),
                name,
                switch (name) {
                    case "base.tar" -> Artifact.BASE;
                    case "backup_manifest" -> Artifact.BASE_MANIFEST;
                    default -> Artifact.TABLESPACE;
                },
                Files.newInputStream(file));
    }

    /** The body is what the configuration of the cluster is, as JSON. */
    public void configuration(Exchange exchange) {
        begin(
                exchange,
                Backup.of(exchange),
                "configuration.json",
                Artifact.CONFIGURATION,
                exchange.getMessage().getBody(InputStream.class));
    }

    /** The body is a segment or a timeline's history as pg_receivewal left it; its own name says which. */
    public void wal(Exchange exchange) throws IOException {
        Backup backup = Backup.of(exchange);
        Path file = exchange.getMessage().getBody(File.class).toPath();
        String name = file.getFileName().toString();
        begin(
                exchange,
                backup,
                Layout.wal(backup.wal().systemId(), backup.wal().chain()),
                name,
                name.endsWith(".history") ? Artifact.TIMELINE_HISTORY : Artifact.WAL,
                Files.newInputStream(file));
    }

    private static void begin(Exchange exchange, Backup backup, String name, String content, InputStream body) {
        begin(exchange, backup, backup.folder(), name, content, body);
    }

    private static void begin(
            Exchange exchange, Backup backup, String folder, String name, String content, InputStream body) {
        Metered plain = new Metered(body);
        backup.withDraft(Draft.of(folder, name, content, plain)).on(exchange);
        exchange.getMessage().setBody(plain);
    }

    public void stored(Exchange exchange) {
        Backup backup = Backup.of(exchange);
        Draft draft = backup.draft();
        if (draft.digested() == null) {
            throw Failure.usage(
                    "the route stored " + draft.name() + " without a digest",
                    "Put the step `digest` back into routes/pack.camel.yaml, after all steps that change the data.");
        }
        Optional<Artifact.SessionKey> sessionKey = Optional.empty();
        if (draft.hasSessionKey()) {
            sessionKey = Optional.of(new Artifact.SessionKey(
                    draft.sessionKeyName(),
                    draft.sessionKey().length,
                    Digested.sha256Hex(draft.sessionKey()),
                    keys.fingerprint()));
        }
        backup.withArtifact(new Artifact(
                        draft.name(),
                        draft.content(),
                        draft.digested().bytes(),
                        draft.digested().sha256Hex(),
                        draft.plain().bytes(),
                        draft.compression().label(),
                        draft.encryption().label(),
                        draft.seal() == null ? null : draft.seal().hmac().orElse(null),
                        sessionKey.orElse(null),
                        OpenLine.of(draft, keys.fingerprint())))
                .on(exchange);
    }

    /** The body is the plain or compressed stream; what its first bytes say counts, whichever step made them. */
    static Draft observed(Draft draft, Peeked peeked) {
        var seen = io.bactrian.stream.Compression.of(peeked);
        return draft.encryption() == Encryption.NONE && draft.compression() != seen ? draft.compressed(seen) : draft;
    }
}
