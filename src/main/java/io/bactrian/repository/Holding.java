package io.bactrian.repository;

import io.bactrian.Failure;
import java.util.Collection;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * What one store holds of a repository, without its WAL, as far as it answered.
 *
 * @param created the repository's {@code created}; null where there is none, or nothing but that file
 * @param paths of all fulls, bases, incrementals and keys
 * @param unreachable why it did not answer; null if it did
 */
public record Holding(Store store, String created, NavigableSet<String> paths, Failure unreachable) {
    /** The character that comes after the slash. */
    private static final String AFTER_SLASH = "0";

    public static Holding of(Store store, Collection<String> paths) {
        return new Holding(store, null, new TreeSet<>(paths), null);
    }

    public static Holding unreachable(Store store, Failure why) {
        return new Holding(store, null, new TreeSet<>(), why);
    }

    public Holding of(String repository) {
        return new Holding(store, repository, paths, unreachable);
    }

    public boolean answered() {
        return unreachable == null;
    }

    public boolean isLocal() {
        return store.equals(Store.LOCAL);
    }

    /** Whether a backup is there with all its files. Of WAL the manifest, which is stored last, is proof enough. */
    public boolean hasWhole(Manifest manifest) {
        String folder = Layout.folder(manifest);
        return has(folder, Manifest.FILE_NAME)
                && (has(folder, Manifest.SIGNATURE_NAME) || has(folder, Manifest.DIGEST_NAME))
                && manifest.artifacts().stream().allMatch(artifact -> artifact.isWal() || has(folder, artifact.name()));
    }

    /** Whether it has all files that another store has in a folder. */
    boolean covers(Holding other, String folder) {
        return paths.containsAll(other.paths.subSet(folder + "/", folder + AFTER_SLASH));
    }

    Holding without(BackupId id) {
        NavigableSet<String> others = new TreeSet<>(paths);
        others.removeIf(path -> path.contains("/" + id.text() + "/"));
        return new Holding(store, created, others, unreachable);
    }

    private boolean has(String folder, String name) {
        return paths.contains(folder + "/" + name);
    }
}
