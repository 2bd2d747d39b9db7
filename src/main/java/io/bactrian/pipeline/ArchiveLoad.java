package io.bactrian.pipeline;

import io.bactrian.postgres.ArchiveStream;
import io.bactrian.postgres.LoadOrder;
import io.bactrian.postgres.TableSelection;

/**
 * An archive that is being loaded.
 *
 * @param selection with {@code --table}; null before {@code select}
 * @param order null before {@code order}, and where the tables go into a database that stays
 */
record ArchiveLoad(ArchiveStream archive, TableSelection selection, LoadOrder order) {
    static ArchiveLoad of(ArchiveStream archive) {
        return new ArchiveLoad(archive, null, null);
    }

    ArchiveLoad selecting(TableSelection chosen) {
        return new ArchiveLoad(archive, chosen, order);
    }

    ArchiveLoad inOrder(LoadOrder found) {
        return new ArchiveLoad(archive, selection, found);
    }
}
