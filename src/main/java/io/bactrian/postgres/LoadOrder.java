package io.bactrian.postgres;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * An archive in two parts that are loaded one after the other, each in parallel. {@code pg_restore --jobs} attaches the indexes of
 * partitions while it adds a foreign key to their table, and each can wait for the other: a deadlock, which fails the load.
 *
 * @param first list file for {@code pg_restore --use-list}
 * @param last the foreign keys; with event triggers, which would fire for them, and what is about either
 */
public record LoadOrder(List<String> first, List<String> last) {
    private static final Set<String> LAST = Set.of("FK CONSTRAINT", "EVENT TRIGGER");

    public LoadOrder {
        first = List.copyOf(first);
        last = List.copyOf(last);
    }

    static LoadOrder of(List<ArchiveEntry> entries) {
        Set<Integer> late = new HashSet<>();
        int before;
        do {
            before = late.size();
            entries.stream()
                    .filter(entry -> LAST.contains(entry.type())
                            || entry.dependencies().stream().anyMatch(late::contains))
                    .map(ArchiveEntry::id)
                    .forEach(late::add);
        } while (late.size() > before);
        return new LoadOrder(
                entries.stream()
                        .filter(entry -> !late.contains(entry.id()))
                        .map(ArchiveEntry::line)
                        .toList(),
                entries.stream()
                        .filter(entry -> late.contains(entry.id()))
                        .map(ArchiveEntry::line)
                        .toList());
    }
}
