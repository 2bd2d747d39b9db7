package io.bactrian.repository;

import io.bactrian.Failure;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/** Where things lie, relative to the root of any store; with forward slashes. */
public final class Layout {
    public static final String REPOSITORY = "repository.json";
    public static final String FULL = "full";
    public static final String BASE = "base";
    public static final String INCREMENTAL = "incremental";
    public static final String WAL = "wal";
    public static final String KEYS = "keys";
    public static final String LEASES = "leases";

    private static final Pattern SAFE_SEGMENT = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.:-]*");

    private Layout() {}

    public static String full(BackupId id) {
        return FULL + "/" + id;
    }

    /** @param systemId of the cluster, decimal */
    public static String base(String systemId, BackupId id) {
        return BASE + "/" + systemId + "/" + id;
    }

    public static String incremental(String systemId, BackupId id) {
        return INCREMENTAL + "/" + systemId + "/" + id;
    }

    /**
     * The segments and histories of a chain. Not of a timeline: two promotions can both make a timeline 2, with segments of the
     * same name.
     *
     * @param chain the id of the base that began it
     */
    public static String wal(String systemId, BackupId chain) {
        return WAL + "/" + systemId + "/" + chain;
    }

    /** The backup that a path is the manifest of; empty for every other path. */
    public static Optional<BackupId> backupOf(String path) {
        String[] segments = path.split("/", -1);
        int id = segments.length - 2;
        return id < 1 || !segments[id + 1].equals(Manifest.FILE_NAME)
                ? Optional.empty()
                : BackupId.parse(segments[id])
                        .filter(found -> found.kind().equals(segments[0]) && id == (found.isFull() ? 1 : 2));
    }

    /** The folder of a backup, from its manifest. */
    public static String folder(Manifest manifest) {
        return switch (manifest.id().kind()) {
            case BASE -> base(manifest.systemIdentifier(), manifest.id());
            case INCREMENTAL -> incremental(manifest.systemIdentifier(), manifest.id());
            default -> full(manifest.id());
        };
    }

    /** The folder that an artifact lies in: that of its backup, except for WAL. */
    public static String folder(Manifest manifest, Artifact artifact) {
        return artifact.isWal()
                ? wal(manifest.systemIdentifier(), manifest.wal().chain())
                : folder(manifest);
    }

    /** The folder that a file lies in; empty for the root. */
    public static String folder(String path) {
        return path.substring(0, Math.max(0, path.lastIndexOf('/')));
    }

    /** Resolves a path that may come from a damaged or hostile manifest; it can never leave {@code root}. */
    public static Path resolve(Path root, String path) {
        for (String segment : path.split("/", -1)) {
            if (!SAFE_SEGMENT.matcher(segment).matches()) {
                throw Failure.integrity(
                        "\"" + path + "\" is not a path in a repository",
                        "The manifest that names it was damaged or forged: run `bactrian test --all`.");
            }
        }
        return root.resolve(path);
    }
}
