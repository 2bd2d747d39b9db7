package io.bactrian.repository;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
        ObjectMapper json = Json.mapper();
        List<Manifest> manifests = new ArrayList<>();
        List<BackupId> unreadable = new ArrayList<>();
        new TreeMap<>(files)
                .forEach((path, file) -> Layout.backupOf(path).ifPresent(id -> {
                    try {
                        manifests.add(outline(json.readValue(file.toFile(), Manifest.class)));
                    } catch (IOException | RuntimeException e) {
                        unreadable.add(id);
                    }
                }));
        manifests.sort(java.util.Comparator.comparing(Manifest::id));
        return new Inventory(manifests, unreadable);
    }

    private static Manifest outline(Manifest whole) {
        return new Manifest(
                whole.format(),
                whole.id(),
                whole.kind(),
                whole.started(),
                whole.finished(),
                whole.durationMillis(),
                whole.host(),
                whole.database(),
                whole.serverVersion(),
                whole.systemIdentifier(),
                whole.snapshotLsn(),
                whole.tools(),
                whole.options(),
                whole.artifacts().stream().map(Inventory::outline).toList(),
                whole.objects(),
                null,
                whole.warnings(),
                whole.base(),
                whole.physical(),
                whole.wal(),
                whole.signer());
    }

    /** As large as it is in the store, session key included. */
    private static Artifact outline(Artifact whole) {
        long key = whole.sessionKey() == null ? 0 : whole.sessionKey().bytes();
        return new Artifact(
                whole.name(),
                whole.content().intern(),
                whole.bytes() + key,
                null,
                whole.plainBytes(),
                whole.compression().intern(),
                whole.encryption().intern(),
                null,
                null,
                null);
    }
}
