package io.bactrian.postgres;

import io.bactrian.Failure;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What a custom-format dump holds. */
public final class TableOfContents {
    private static final Pattern LISTED = Pattern.compile("^;\\s+TOC Entries: (\\d+)$", Pattern.MULTILINE);
    private static final int SUGGESTIONS = 3;

    private final ArchiveHead head;
    private final List<ArchiveEntry> entries;

    TableOfContents(ArchiveHead head) {
        this.head = head;
        this.entries = head.entries();
    }

    /**
     * Reads the head of the archive and leaves the rest of the stream alone; does not close it.
     *
     * @throws Failure integrity, if it is not a custom-format dump or is cut short
     */
    public static TableOfContents read(InputStream archive) throws IOException {
        return new TableOfContents(ArchiveReader.read(archive));
    }

    /** As {@link #objects}, from the first bytes of an archive alone. */
    public static int count(byte[] head) throws IOException {
        return ArchiveReader.count(new ByteArrayInputStream(head));
    }

    /** The number of entries, {@code TOC Entries} of {@code pg_restore --list}. */
    public int objects() {
        return entries.size();
    }

    /**
     * The same number from what {@code pg_restore --list} printed, which says as well that this program can read the archive.
     *
     * @throws Failure integrity, if that is not in it
     */
    public static int objectsIn(String listing) {
        Matcher count = LISTED.matcher(listing);
        if (!count.find()) {
            throw Failure.integrity(
                    "pg_restore --list did not say how many objects the dump holds.",
                    "Restore from another backup or store.");
        }
        return Integer.parseInt(count.group(1));
    }

    /** Ordinary and partitioned tables and partitions, sorted. */
    public List<TableName> tables() {
        return entries.stream()
                .filter(entry -> entry.type().equals(TableSelector.TABLE))
                .map(ArchiveEntry::tableName)
                .sorted()
                .toList();
    }

    /**
     * Chooses tables and what is theirs or needed by them.
     *
     * @param pattern as in psql: {@code orders}, {@code sales.*}, {@code "Odd Name"}, with {@code *} and {@code ?}; without a
     *     schema, tables of every schema
     * @throws Failure usage, if no table matches
     */
    public TableSelection select(String pattern) {
        return select(pattern, PresentObjects.NONE);
    }

    /**
     * The same for a database that is not empty: what the tables need and it has already, such as schemas, types and
     * functions, is left out. The tables themselves are not looked for.
     *
     * @param target its search_path is reset
     */
    public TableSelection select(String pattern, Connection target) throws SQLException {
        return select(pattern, PresentObjects.in(target));
    }

    private TableSelection select(String pattern, PresentObjects present) {
        NamePattern names = NamePattern.parse(pattern);
        if (tables().stream().noneMatch(names::matches)) {
            throw Failure.usage("No table in the backup matches " + pattern + ".", suggestion(names));
        }
        return new TableSelector(entries, present).select(names::matches);
    }

    /**
     * In which order to load it, or the selected part of it.
     *
     * @param target as the role that loads
     */
    public LoadOrder loadOrder(Optional<TableSelection> selection, Connection target) throws SQLException {
        Set<String> lines = Set.copyOf(selection.map(TableSelection::lines).orElse(List.of()));
        Set<TableName> made = Set.copyOf(tables());
        boolean superuser = Sql.isTrue(target, "rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user");
        return LoadOrder.of(
                entries.stream()
                        .filter(entry -> selection.isEmpty() || lines.contains(entry.line()))
                        .toList(),
                entry -> made.contains(entry.tableName()) ? CopyStatement.of(entry, head) : Optional.empty(),
                superuser);
    }

    private String suggestion(NamePattern names) {
        if (tables().isEmpty()) {
            return "The backup holds no tables.";
        }
        String closest = names.closest(tables()).stream()
                .limit(SUGGESTIONS)
                .map(TableName::toString)
                .collect(Collectors.joining(", "));
        return "The closest names are: " + closest + ". Upper case, spaces and signs need double quotes.";
    }
}
