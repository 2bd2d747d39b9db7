package io.bactrian.postgres;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * An archive in two parts that are loaded one after the other, each in parallel. {@code pg_restore --jobs} attaches the indexes of
 * partitions while it adds a foreign key to their table, and each can wait for the other: a deadlock, which fails the load.
 *
 * @param first list file for {@code pg_restore --use-list}
 * @param last the foreign keys; with event triggers, which would fire for them, and what is about either
 * @param leftOut what the role may not restore, in words
 */
public record LoadOrder(List<String> first, List<String> last, List<String> leftOut) {
    private static final Set<String> LAST = Set.of("FK CONSTRAINT", "EVENT TRIGGER");

    public LoadOrder {
        first = List.copyOf(first);
        last = List.copyOf(last);
        leftOut = List.copyOf(leftOut);
    }

    static LoadOrder of(List<ArchiveEntry> entries, boolean superuser) {
        Set<Integer> late = late(entries);
        Predicate<ArchiveEntry> isLeftOut = entry -> !superuser && isOfSystem(entry);
        return new LoadOrder(
                lines(entries, isLeftOut.negate().and(entry -> !late.contains(entry.id()))),
                lines(entries, isLeftOut.negate().and(entry -> late.contains(entry.id()))),
                entries.stream()
                        .filter(isLeftOut)
                        .map(entry -> "privileges on " + entry.name())
                        .toList());
    }

    /** Privileges on the system's own objects, which sql/backup-role.sql grants too, are a superuser's to give. */
    private static boolean isOfSystem(ArchiveEntry entry) {
        return entry.type().equals("ACL") && entry.schema().equals("pg_catalog");
    }

    private static Set<Integer> late(List<ArchiveEntry> entries) {
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
        return late;
    }

    private static List<String> lines(List<ArchiveEntry> entries, Predicate<ArchiveEntry> wanted) {
        return entries.stream().filter(wanted).map(ArchiveEntry::line).toList();
    }
}
