package io.bactrian.repository;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * The backups of a store, of every kind, as their manifests describe them; nothing is authenticated, so it tells what there
 * is, and decides nothing. Of each manifest only the outline is kept: digests, session keys and proof may be large, and there
 * may be very many segments.
 *
 * @param manifests those that can be read, by id
 * @param unreadable the others
 */
public record Inventory(List<Manifest> manifests, List<BackupId> unreadable) {
    public Inventory {
        manifests = List.copyOf(manifests);
        unreadable = List.copyOf(unreadable);
    }

    /** @param listing paths of the store; only what has a manifest exists */
    public static Inventory read(LocalStore store, Collection<String> listing) {
        return read(store, listing, new OutlineCache(store.root()));
    }

    private static Inventory read(LocalStore store, Collection<String> listing, OutlineCache cache) {
        ObjectMapper json = Json.mapper();
        List<Manifest> manifests = new ArrayList<>();
        List<BackupId> unreadable = new ArrayList<>();
        for (String path : listing.stream().sorted().toList()) {
            Optional<BackupId> id = Layout.backupOf(path);
            if (id.isPresent()) {
                try {
                    File file = store.get(path);
                    Optional<OutlineCache.Known> known = cache.find(file);
                    manifests.add(
                            known.isPresent()
                                    ? known.get().manifest()
                                    : cache.add(file, json.readValue(file, Manifest.class), false));
                } catch (IOException | RuntimeException e) {
                    unreadable.add(id.get());
                }
            }
        }
        cache.save();
        manifests.sort(java.util.Comparator.comparing(Manifest::id));
        return new Inventory(manifests, unreadable);
    }
}
