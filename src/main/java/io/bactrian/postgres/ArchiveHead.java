package io.bactrian.postgres;

import java.util.List;
import java.util.Map;

/**
 * What stands in front of the data of a custom-format archive.
 *
 * @param encoding of names, statements and rows, as PostgreSQL names it; empty if it does not say
 * @param compressed whether pg_dump itself compressed the data
 * @param offsetFields for each entry where in the head a flag byte and the offset of its data stand
 */
record ArchiveHead(
        List<ArchiveEntry> entries,
        String encoding,
        boolean compressed,
        Map<Integer, Long> offsetFields,
        int integerBytes,
        int offsetBytes) {
    ArchiveHead {
        entries = List.copyOf(entries);
        offsetFields = Map.copyOf(offsetFields);
    }
}
