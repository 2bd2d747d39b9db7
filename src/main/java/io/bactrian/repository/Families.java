package io.bactrian.repository;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Which backups belong together: a full, the base that was taken with it, and the incremental that ends with that base. */
final class Families {
    private final List<Manifest> manifests;
    private final Map<BackupId, BackupId> partOf = new HashMap<>();

    Families(List<Manifest> manifests, Collection<Chain> chains) {
        this.manifests = manifests;
        Map<BackupId, BackupId> fullOf = new HashMap<>();
        manifests.stream().filter(m -> m.base() != null).forEach(full -> fullOf.putIfAbsent(full.base(), full.id()));
        for (Chain chain : chains) {
            for (Manifest base : chain.bases()) {
                BackupId full = fullOf.get(base.id());
                if (full != null) {
                    partOf.put(base.id(), full);
                    cutAfter(base, chain).ifPresent(incremental -> partOf.putIfAbsent(incremental.id(), full));
                }
            }
        }
    }

    /** A base is done once a cut after its end is stored, so its own incremental is the first that goes beyond that. */
    private static Optional<Manifest> cutAfter(Manifest base, Chain chain) {
        return chain.incrementals().stream()
                .filter(i -> base.physical().end().isBefore(i.wal().end()))
                .findFirst();
    }

    List<Status.Entry> entries(Tests tests) {
        return manifests.stream()
                .map(m -> new Status.Entry(
                        m.id(),
                        m.database(),
                        m.started(),
                        m.storedBytes(),
                        m.durationMillis(),
                        tests.passed(m.id()),
                        partOf.get(m.id())))
                .toList();
    }

    /** What the newest recoveries would read. */
    static Set<BackupId> neededNow(List<Chain> current) {
        Set<BackupId> needed = new HashSet<>();
        current.forEach(chain -> chain.newestBase().ifPresent(base -> {
            needed.add(base.id());
            chain.incrementals().stream()
                    .filter(i -> base.physical().start().isBefore(i.wal().end()))
                    .forEach(i -> needed.add(i.id()));
        }));
        return needed;
    }
}
