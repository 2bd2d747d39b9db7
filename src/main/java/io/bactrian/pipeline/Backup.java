package io.bactrian.pipeline;

import io.bactrian.Failure;
import io.bactrian.config.DumpFormat;
import io.bactrian.postgres.DatabaseProperties;
import io.bactrian.postgres.Proof;
import io.bactrian.postgres.Server;
import io.bactrian.repository.Artifact;
import io.bactrian.repository.BackupId;
import io.bactrian.repository.Layout;
import io.bactrian.repository.Manifest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Exchange;

/**
 * A backup that is being made: the one value that travels with the exchange. Each step replaces it by one that knows more.
 *
 * @param source what the snapshot's connection found out; null before the {@code snapshot} step
 * @param draft the artifact being packed; null between artifacts
 * @param objects entries in the archive's table of contents; null where unknown
 * @param manifest what {@code manifest} made; null before
 * @param signature of the manifest's bytes as they are stored; null before {@code sign}
 */
public record Backup(
        BackupId id,
        Instant started,
        DumpFormat format,
        Server server,
        Source source,
        Draft draft,
        List<Artifact> artifacts,
        Integer objects,
        Proof proof,
        List<String> warnings,
        Manifest manifest,
        Signature signature)
        implements ToolTarget {

    public static final String PROPERTY = "backup";

    /** What the connection that holds the snapshot knows of the database. */
    public record Source(
            Snapshot snapshot,
            DatabaseProperties database,
            String serverVersion,
            String systemIdentifier,
            String lsn,
            boolean rolePasswordsReadable) {}

    /** The file beside the manifest that vouches for it. */
    public record Signature(String fileName, byte[] content, byte[] manifest) {}

    static Backup begun(BackupId id, Instant started, DumpFormat format, Server server) {
        return new Backup(id, started, format, server, null, null, List.of(), null, null, List.of(), null, null);
    }

    public static Backup of(Exchange exchange) {
        return exchange.getProperty(PROPERTY, Backup.class);
    }

    void on(Exchange exchange) {
        exchange.setProperty(PROPERTY, this);
    }

    Backup withSource(Source found) {
        return new Backup(
                id, started, format, server, found, draft, artifacts, objects, proof, warnings, manifest, signature);
    }

    Backup withDraft(Draft begun) {
        return new Backup(
                id, started, format, server, source, begun, artifacts, objects, proof, warnings, manifest, signature);
    }

    Backup withArtifact(Artifact stored) {
        List<Artifact> all = new ArrayList<>(artifacts);
        all.add(stored);
        return new Backup(
                id,
                started,
                format,
                server,
                source,
                null,
                List.copyOf(all),
                objects,
                proof,
                warnings,
                manifest,
                signature);
    }

    Backup withObjects(int counted) {
        return new Backup(
                id, started, format, server, source, draft, artifacts, counted, proof, warnings, manifest, signature);
    }

    Backup withProof(Proof taken) {
        return new Backup(
                id, started, format, server, source, draft, artifacts, objects, taken, warnings, manifest, signature);
    }

    Backup withWarnings(List<String> more) {
        List<String> all = new ArrayList<>(warnings);
        all.addAll(more);
        return new Backup(
                id,
                started,
                format,
                server,
                source,
                draft,
                artifacts,
                objects,
                proof,
                List.copyOf(all),
                manifest,
                signature);
    }

    Backup withManifest(Manifest made) {
        return new Backup(
                id, started, format, server, source, draft, artifacts, objects, proof, warnings, made, signature);
    }

    Backup withSignature(Signature made) {
        return new Backup(
                id, started, format, server, source, draft, artifacts, objects, proof, warnings, manifest, made);
    }

    /** For routes: only what is signed is stored. */
    public Signature signed() {
        if (signature == null) {
            throw Failure.usage(
                    "the route did not sign the manifest, and nobody could trust it later",
                    "Put the step `sign` back into routes/record.camel.yaml, right before the manifest is stored.");
        }
        return signature;
    }

    /** For routes: where the artifact being packed will lie in any store. */
    public String draftPath() {
        return Layout.file(id, draft.name());
    }

    /** For routes. */
    public String sessionKeyPath() {
        return Layout.file(id, draft.sessionKeyName());
    }

    /** For routes. */
    public String manifestPath() {
        return Layout.manifest(id);
    }

    /** For routes. */
    public String signaturePath() {
        return Layout.file(id, signed().fileName());
    }

    /** For routes: {@code ${exchangeProperty.backup.snapshotName}}. */
    public String snapshotName() {
        return source.snapshot().name();
    }

    /** For routes: what {@code pg_dumpall} needs where this role may not read passwords. */
    public String rolePasswordOption() {
        return source.rolePasswordsReadable() ? "" : "--no-role-passwords";
    }

    @Override
    public String databaseName() {
        return source == null ? server.database() : source.database().name();
    }
}
