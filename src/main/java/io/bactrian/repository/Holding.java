package io.bactrian.repository;

import io.bactrian.Failure;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;

/**
 * What one store holds of a repository, without its WAL, as far as it answered.
 *
 * @param created the repository's {@code created}; null where there is none, or nothing but that file
 * @param paths of all fulls, bases, incrementals and keys
 * @param unreachable why it did not answer; null if it did
 */
public record Holding(Store store, String created, Set<String> paths, Failure unreachable) {
    public static Holding of(Store store, Collection<String> paths) {
        return new Holding(store, null, new TreeSet<>(paths), null);
    }

    public static Holding unreachable(Store store, Failure why) {
        return new Holding(store, null, Set.of(), why);
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

    private boolean has(String folder, String name) {
        return paths.contains(folder + "/" + name);
    }
}
