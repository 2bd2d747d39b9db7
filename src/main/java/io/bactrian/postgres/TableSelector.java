package io.bactrian.postgres;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds the entries that restore some tables: the tables, their partitions and parts, and whatever these depend on. */
final class TableSelector {
    static final String TABLE = "TABLE";
    private static final String SEQUENCE = "SEQUENCE";
    private static final String SEQUENCE_OWNED_BY = "SEQUENCE OWNED BY";
    private static final String TABLE_ATTACH = "TABLE ATTACH";

    /** Parts that are named "table part", or just "table". */
    private static final Set<String> PARTS_NAMED_AFTER_TABLE = Set.of(
            "TABLE DATA",
            "ROW SECURITY",
            "DEFAULT",
            "CONSTRAINT",
            "CHECK CONSTRAINT",
            "FK CONSTRAINT",
            "TRIGGER",
            "RULE",
            "POLICY");

    private static final Set<String> PARTS_WITH_OWN_NAME = Set.of("INDEX", "STATISTICS", SEQUENCE);

    /** What comes along once all that it depends on is there. */
    private static final Set<String> COMPANIONS = Set.of(
            "COMMENT",
            "ACL",
            "CHECK CONSTRAINT",
            "SECURITY LABEL",
            "SEQUENCE SET",
            SEQUENCE_OWNED_BY,
            TABLE_ATTACH,
            "INDEX ATTACH",
            "STATISTICS DATA");

    /** Parts that are about other relations too; they are left out rather than bring those along. */
    private static final Map<String, String> LINKS =
            Map.of("FK CONSTRAINT", "Foreign key", "POLICY", "Policy", "RULE", "Rule");

    private static final Set<String> RELATIONS = Set.of(TABLE, "VIEW", "MATERIALIZED VIEW", "FOREIGN TABLE");

    /** What every database is expected to have; not worth a warning when it does. */
    private static final Set<String> COMMON = Set.of("SCHEMA", "EXTENSION");

    private final List<ArchiveEntry> entries;
    private final PresentObjects present;
    private final Map<Integer, ArchiveEntry> byId = new HashMap<>();
    private final Set<ArchiveEntry> selected = new LinkedHashSet<>();
    private final Set<ArchiveEntry> included = new HashSet<>();
    private final Set<String> warnings = new LinkedHashSet<>();

    /**
     * @param present stays as it is and is left out
     */
    TableSelector(List<ArchiveEntry> entries, PresentObjects present) {
        this.entries = entries;
        this.present = present;
        entries.forEach(entry -> byId.put(entry.id(), entry));
    }

    TableSelection select(Predicate<TableName> wanted) {
        entries.stream()
                .filter(entry -> isTable(entry) && wanted.test(entry.tableName()))
                .forEach(selected::add);
        addPartitions();
        selected.forEach(this::include);
        untilNothingIsAdded(
                included,
                () -> entries.stream()
                        .filter(entry -> isPart(entry) || isCompanion(entry))
                        .forEach(this::include));
        return new TableSelection(
                selected.stream().map(ArchiveEntry::tableName).sorted().toList(),
                inOrder().map(ArchiveEntry::line).toList(),
                List.copyOf(warnings));
    }

    /** A partition goes to a table that is there once it has its indexes: those are then taken, and not made once more. */
    private Stream<ArchiveEntry> inOrder() {
        Map<Boolean, List<ArchiveEntry>> late = entries.stream()
                .filter(included::contains)
                .collect(Collectors.partitioningBy(entry ->
                        entry.type().equals(TABLE_ATTACH) && dependencies(entry).anyMatch(this::isKept)));
        return Stream.concat(late.get(false).stream(), late.get(true).stream());
    }

    private void addPartitions() {
        untilNothingIsAdded(
                selected,
                () -> entries.stream()
                        .filter(entry -> entry.type().equals(TABLE_ATTACH))
                        .filter(attachment -> dependencies(attachment)
                                .anyMatch(table -> selected.contains(table) && !isChild(attachment, table)))
                        .flatMap(attachment -> dependencies(attachment).filter(table -> isChild(attachment, table)))
                        .forEach(selected::add));
    }

    private static void untilNothingIsAdded(Set<ArchiveEntry> set, Runnable step) {
        int before;
        do {
            before = set.size();
            step.run();
        } while (set.size() > before);
    }

    private boolean isPart(ArchiveEntry entry) {
        Optional<ArchiveEntry> owner = owner(entry).filter(selected::contains);
        if (owner.isEmpty() || !LINKS.containsKey(entry.type())) {
            return owner.isPresent();
        }
        Optional<ArchiveEntry> absent = dependencies(entry)
                .filter(other ->
                        RELATIONS.contains(other.type()) && !selected.contains(other) && !present.contains(other))
                .findFirst();
        absent.ifPresent(other -> warnings.add("%s %s of %s is left out: it refers to %s, which is not restored."
                .formatted(LINKS.get(entry.type()), ownName(entry), owner.get().tableName(), other.tableName())));
        return absent.isEmpty();
    }

    private boolean isCompanion(ArchiveEntry entry) {
        if (!COMPANIONS.contains(entry.type()) || dependencies(entry).findAny().isEmpty()) {
            return false;
        }
        boolean attaches = entry.type().equals(TABLE_ATTACH);
        return dependencies(entry).anyMatch(included::contains)
                && dependencies(entry).allMatch(other -> included.contains(other) || attaches && isKept(other))
                && (!entry.type().equals(SEQUENCE_OWNED_BY)
                        || dependencies(entry)
                                .flatMap(sequence -> owner(sequence).stream())
                                .allMatch(included::contains));
    }

    /** Adds the entry and all that it needs. */
    private void include(ArchiveEntry start) {
        Deque<ArchiveEntry> open = new ArrayDeque<>(List.of(start));
        while (!open.isEmpty()) {
            ArchiveEntry entry = open.pop();
            if (isKept(entry)) {
                if (!COMMON.contains(entry.type())) {
                    warnings.add("Kept as it is, since the database has it: %s %s in schema %s."
                            .formatted(entry.type().toLowerCase(Locale.ROOT), entry.name(), entry.schema()));
                }
            } else if (included.add(entry)) {
                if (isTable(entry) && !selected.contains(entry)) {
                    warnings.add("Table %s comes along without its rows: the restored tables need its definition."
                            .formatted(entry.tableName()));
                }
                dependencies(entry).filter(needed -> isNeeded(needed, entry)).forEach(open::push);
            }
        }
    }

    /** What is needed and there already; of a table, its parts too. */
    private boolean isKept(ArchiveEntry entry) {
        ArchiveEntry whole = owner(entry).orElse(entry);
        return !selected.contains(whole) && (present.contains(whole) || present.contains(entry));
    }

    /** A sequence can be used without the table that owns it. */
    private static boolean isNeeded(ArchiveEntry needed, ArchiveEntry by) {
        return !(by.type().equals(SEQUENCE) && isTable(needed));
    }

    /** The table that the entry is a part of. */
    private Optional<ArchiveEntry> owner(ArchiveEntry entry) {
        Stream<ArchiveEntry> tables = dependencies(entry).filter(TableSelector::isTable);
        if (PARTS_WITH_OWN_NAME.contains(entry.type())) {
            return tables.findFirst();
        }
        if (PARTS_NAMED_AFTER_TABLE.contains(entry.type())) {
            return tables.filter(table -> isNamedAfter(entry, table))
                    .max(Comparator.comparing(table -> table.name().length()));
        }
        return Optional.empty();
    }

    private static boolean isNamedAfter(ArchiveEntry part, ArchiveEntry table) {
        return part.schema().equals(table.schema()) && (part.name() + " ").startsWith(table.name() + " ");
    }

    private String ownName(ArchiveEntry part) {
        int tableName = owner(part).map(table -> table.name().length() + 1).orElse(0);
        return part.name().substring(tableName);
    }

    private static boolean isChild(ArchiveEntry attachment, ArchiveEntry table) {
        return isTable(table) && table.tableName().equals(attachment.tableName());
    }

    private static boolean isTable(ArchiveEntry entry) {
        return entry.type().equals(TABLE);
    }

    private Stream<ArchiveEntry> dependencies(ArchiveEntry entry) {
        return entry.dependencies().stream().filter(byId::containsKey).map(byId::get);
    }
}
