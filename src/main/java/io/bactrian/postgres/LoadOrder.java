package io.bactrian.postgres;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * An archive in four parts that are loaded one after the other: definitions; rows of tables, while the archive comes in; the rest, in
 * parallel; and what must come last. {@code pg_restore --jobs} attaches the indexes of partitions while it adds a foreign key to
 * their table, and each can wait for the other: a deadlock, which fails the load.
 *
 * @param definitions list file for {@code pg_restore --use-list}: the section pre-data
 * @param rows by dump id, the statements of the tables whose rows need no pg_restore; a table that another made, an extension or a
 *     foreign server, may have foreign keys and triggers already: its rows are for one session
 * @param rest list file: large objects and other data, indexes, constraints, triggers, privileges
 * @param last list file: the foreign keys; with event triggers, which would fire for them, and what is about either
 * @param kept dump ids of {@code rest} and {@code last}, whose data pg_restore will look for
 * @param leftOut what the role may not restore, in words
 */
public record LoadOrder(
        List<String> definitions,
        Map<Integer, CopyStatement> rows,
        List<String> rest,
        List<String> last,
        Set<Integer> kept,
        List<String> leftOut) {
    private static final Set<String> LAST = Set.of("FK CONSTRAINT", "EVENT TRIGGER");

    public LoadOrder {
        definitions = List.copyOf(definitions);
        rows = Map.copyOf(rows);
        rest = List.copyOf(rest);
        last = List.copyOf(last);
        kept = Set.copyOf(kept);
        leftOut = List.copyOf(leftOut);
    }

    static LoadOrder of(
            List<ArchiveEntry> entries, Function<ArchiveEntry, Optional<CopyStatement>> copies, boolean superuser) {
        Predicate<ArchiveEntry> isLeftOut = entry -> !superuser && isOfSystem(entry);
        List<ArchiveEntry> loaded = entries.stream().filter(isLeftOut.negate()).toList();
        Set<Integer> late = late(loaded);
        Predicate<ArchiveEntry> isLast = entry -> late.contains(entry.id());
        Map<Integer, CopyStatement> rows = new HashMap<>();
        loaded.stream()
                .filter(isLast.negate())
                .forEach(entry -> copies.apply(entry).ifPresent(copy -> rows.put(entry.id(), copy)));
        Predicate<ArchiveEntry> isFirst = isLast.negate().and(ArchiveEntry::preData);
        Predicate<ArchiveEntry> isRest = isLast.or(isFirst).negate().and(entry -> !rows.containsKey(entry.id()));
        return new LoadOrder(
                lines(loaded, isFirst),
                rows,
                lines(loaded, isRest),
                lines(loaded, isLast),
                loaded.stream().filter(isRest.or(isLast)).map(ArchiveEntry::id).collect(Collectors.toSet()),
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
