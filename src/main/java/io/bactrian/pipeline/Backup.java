package io.bactrian.pipeline;

import io.bactrian.Failure;
import io.bactrian.config.DumpFormat;
import io.bactrian.postgres.DatabaseProperties;
import io.bactrian.postgres.Proof;
import io.bactrian.postgres.Server;
import io.bactrian.repository.Artifact;
import io.bactrian.repository.BackupId;
import io.bactrian.repository.Manifest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.camel.Exchange;

/**
 * A backup that is being made, of whichever kind: the one value that travels with the exchange. It never changes; each step
 * replaces it by a copy that knows more. One that is made within another, such as the base of a full, stands in its place and
 * keeps it as {@link #within}.
 */
public final class Backup implements ToolTarget {
    public static final String PROPERTY = "backup";

    private final BackupId id;
    private final String folder;
    private final Instant started;
    private final Server server;
    private final Backup within;
    private DumpFormat format;
    private Source source;
    private WalWork wal;
    private Draft draft;
    private List<Artifact> artifacts = List.of();
    private Integer objects;
    private Proof proof;
    private List<String> warnings = List.of();
    private BackupId base;
    private Manifest manifest;
    private Signature signature;

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

    private Backup(BackupId id, String folder, Instant started, Server server, Backup within) {
        this.id = id;
        this.folder = folder;
        this.started = started;
        this.server = server;
        this.within = within;
    }

    private Backup(Backup other) {
        this(other.id, other.folder, other.started, other.server, other.within);
        this.format = other.format;
        this.source = other.source;
        this.wal = other.wal;
        this.draft = other.draft;
        this.artifacts = other.artifacts;
        this.objects = other.objects;
        this.proof = other.proof;
        this.warnings = other.warnings;
        this.base = other.base;
        this.manifest = other.manifest;
        this.signature = other.signature;
    }

    /**
     * @param folder where it will lie in every store
     * @param within the backup that it is a part of, or null
     */
    static Backup begun(BackupId id, String folder, Instant started, Server server, Backup within) {
        return new Backup(id, folder, started, server, within);
    }

    public static Backup of(Exchange exchange) {
        return exchange.getProperty(PROPERTY, Backup.class);
    }

    void on(Exchange exchange) {
        exchange.setProperty(PROPERTY, this);
    }

    /** The only place where a value changes: in a copy that nobody has seen yet. */
    private Backup with(Consumer<Backup> change) {
        Backup copy = new Backup(this);
        change.accept(copy);
        return copy;
    }

    Backup withFormat(DumpFormat chosen) {
        return with(copy -> copy.format = chosen);
    }

    Backup withSource(Source found) {
        return with(copy -> copy.source = found);
    }

    Backup withWal(WalWork known) {
        return with(copy -> copy.wal = known);
    }

    Backup withDraft(Draft begun) {
        return with(copy -> copy.draft = begun);
    }

    Backup withArtifact(Artifact stored) {
        return with(copy -> {
            copy.draft = null;
            copy.artifacts = appended(artifacts, List.of(stored));
        });
    }

    Backup withObjects(int counted) {
        return with(copy -> copy.objects = counted);
    }

    Backup withProof(Proof taken) {
        return with(copy -> copy.proof = taken);
    }

    Backup withWarnings(List<String> more) {
        return with(copy -> copy.warnings = appended(warnings, more));
    }

    Backup withBase(BackupId taken) {
        return with(copy -> copy.base = taken);
    }

    Backup withManifest(Manifest made) {
        return with(copy -> copy.manifest = made);
    }

    Backup withSignature(Signature made) {
        return with(copy -> copy.signature = made);
    }

    private static <T> List<T> appended(List<T> list, List<T> more) {
        List<T> all = new ArrayList<>(list);
        all.addAll(more);
        return List.copyOf(all);
    }

    public BackupId id() {
        return id;
    }

    public Instant started() {
        return started;
    }

    @Override
    public Server server() {
        return server;
    }

    /** The backup that this one is a part of; null if it stands for itself. */
    public Backup within() {
        return within;
    }

    /** The backup that fails with this one; null if none does. A full can do without its base. */
    Backup failsToo() {
        return within == null || within.id().isFull() ? null : within;
    }

    /** Of a full. */
    public DumpFormat format() {
        return format;
    }

    /** Of a full: what the snapshot's connection found out; null before the {@code snapshot} step. */
    public Source source() {
        return source;
    }

    /** Of a base or incremental: the cluster, its slot and its chain. */
    public WalWork wal() {
        return wal;
    }

    /** The artifact being packed; null between artifacts. */
    public Draft draft() {
        return draft;
    }

    public List<Artifact> artifacts() {
        return artifacts;
    }

    /** Everything that its manifest is to list: of an incremental also what was streamed before it began. */
    List<Artifact> listed() {
        return wal == null || wal.streamed() == null
                ? artifacts
                : appended(wal.streamed().artifacts(), artifacts);
    }

    /** Entries in the archive's table of contents; null where unknown. */
    public Integer objects() {
        return objects;
    }

    public Proof proof() {
        return proof;
    }

    public List<String> warnings() {
        return warnings;
    }

    /** Of a full: the base that was taken with it; null if there is none. */
    public BackupId base() {
        return base;
    }

    /** What {@code manifest} made; null before. */
    public Manifest manifest() {
        return manifest;
    }

    /** Of the manifest's bytes as they are stored; null before {@code sign}. */
    public Signature signature() {
        return signature;
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
        return draft.path();
    }

    /** For routes. */
    public String sessionKeyPath() {
        return draft.sessionKeyPath();
    }

    /** For routes. */
    public String manifestPath() {
        return folder + "/" + Manifest.FILE_NAME;
    }

    /** For routes. */
    public String signaturePath() {
        return folder + "/" + signed().fileName();
    }

    /** Where it lies in every store. */
    public String folder() {
        return folder;
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
