package io.bactrian.cli;

import io.bactrian.Failure;
import io.bactrian.config.Settings;
import io.bactrian.repository.Store;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/** The option {@code --from} of commands that read a repository. */
final class FromStore {
    @Option(
            names = "--from",
            paramLabel = "STORE",
            description = "Read this store and no other; default: the local one, and what it lacks from the others.")
    private String name;

    /** The stores that the command may read, in order. */
    List<Store> stores(Settings settings) {
        List<Store> all = new ArrayList<>(List.of(Store.LOCAL));
        all.addAll(settings.furtherStores());
        return name == null ? List.copyOf(all) : List.of(named(name, all));
    }

    static Store named(String name, List<Store> all) {
        return all.stream()
                .filter(store -> store.name().equals(name))
                .findFirst()
                .orElseThrow(() -> Failure.usage(
                        "there is no store " + name,
                        "There " + (all.size() == 1 ? "is " : "are ")
                                + all.stream().map(Store::name).collect(Collectors.joining(", "))
                                + "; BACKUP_STORES and BACKUP_S3_BUCKET add others."));
    }
}
