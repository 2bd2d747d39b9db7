package io.bactrian.repository;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The backups of one or more stores, of every kind, as their manifests describe them; nothing is authenticated, so it tells what there
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

    /** @param files of manifests, by their path in the repository; what else there is does not matter */
    public static Inventory read(Map<String, Path> files) {
        return read(files, OutlineCache.none());
    }

    /** @param cache what is known of these files from before */
    public static Inventory read(Map<String, Path> files, OutlineCache cache) {
        ObjectMapper json = Json.mapper();
        List<Manifest> manifests = new ArrayList<>();
        List<BackupId> unreadable = new ArrayList<>();
        new TreeMap<>(files)
                .forEach((path, file) -> Layout.backupOf(path).ifPresent(id -> {
                    try {
                        Optional<OutlineCache.Known> known = cache.find(file.toFile());
                        manifests.add(
                                known.isPresent()
                                        ? known.get().manifest()
                                        : cache.add(
                                                file.toFile(), json.readValue(file.toFile(), Manifest.class), false));
                    } catch (IOException | RuntimeException e) {
                        unreadable.add(id);
                    }
                }));
        cache.save();
        manifests.sort(java.util.Comparator.comparing(Manifest::id));
        return new Inventory(manifests, unreadable);
    }

    /**
     * Whether a base is not there, and need not be: retention lets one go that was begun before its window when a younger one stays. One that is
     * there and cannot be read is another matter.
     */
    public boolean lacksAsRetentionAllows(BackupId base, Instant windowStart) {
        return !unreadable.contains(base)
                && manifests.stream().noneMatch(manifest -> manifest.id().equals(base))
                && base.began().isBefore(windowStart)
                && manifests.stream()
                        .anyMatch(manifest -> manifest.physical() != null
                                && manifest.id().began().isAfter(base.began()));
    }
}
