package io.bactrian.pipeline;

import io.bactrian.Failure;
import io.bactrian.repository.BackupId;
import io.bactrian.repository.Layout;
import io.bactrian.repository.LocalStore;
import io.bactrian.repository.Manifest;
import io.bactrian.repository.Origin;
import java.io.IOException;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/** Where the fulls in the local store came from: to choose what to do next, not to trust them. */
final class StoredFulls {
    private StoredFulls() {}

    /** Read one by one; a manifest that cannot be read is passed over. */
    static Stream<Origin> newestFirst(LocalStore store) throws IOException {
        return store.list(Layout.FULL).stream()
                .flatMap(path -> Layout.backupOf(path).stream())
                .sorted(Comparator.reverseOrder())
                .flatMap(id -> origin(store, id).stream());
    }

    private static Optional<Origin> origin(LocalStore store, BackupId id) {
        try {
            return Optional.of(Origin.read(store.get(Layout.full(id) + "/" + Manifest.FILE_NAME)));
        } catch (IOException | Failure e) {
            return Optional.empty();
        }
    }
}
