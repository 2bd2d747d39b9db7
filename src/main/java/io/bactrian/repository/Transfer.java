package io.bactrian.repository;

import java.util.List;

/**
 * One file on its way from the local store to others.
 *
 * @param sha256 as the manifest records it, lower-case hex; null where nothing does
 * @param bytes likewise; without meaning where {@code sha256} is null
 * @param to the stores that lack it
 */
public record Transfer(String path, long bytes, String sha256, List<Store> to) {
    static Transfer of(String path, List<Store> to) {
        return new Transfer(path, 0, null, to);
    }

    public Transfer without(Store store) {
        return new Transfer(
                path, bytes, sha256, to.stream().filter(s -> !s.equals(store)).toList());
    }
}
