package io.bactrian.repository;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What several stores hold.
 *
 * @param holdings in the order in which the stores are asked for what is to be read
 */
public record Survey(List<Holding> holdings) {
    public static final String PROPERTY = "survey";

    /** A file and a store that has it. */
    public record Place(Store store, String path) {}

    /** A store with another repository than the first one's is as good as unreachable. */
    public static Survey of(List<Holding> all) {
        Optional<String> ours =
                all.stream().map(Holding::created).filter(c -> c != null).findFirst();
        return new Survey(all.stream()
                .map(holding -> ours.isEmpty()
                                || holding.created() == null
                                || holding.created().equals(ours.get())
                        ? holding
                        : Holding.unreachable(holding.store(), another(holding, ours.get())))
                .toList());
    }

    private static Failure another(Holding holding, String ours) {
        return new Failure(
                ExitCode.PRECONDITION,
                "it holds another repository, made " + holding.created() + "; this one was made " + ours,
                "Give each repository a place of its own in the store, such as a bucket or a prefix.");
    }

    /** @throws Failure if none of the stores answered */
    public Survey requireAnswer() {
        if (holdings.stream().noneMatch(Holding::answered)) {
            throw new Failure(
                    holdings.get(0).unreachable().exitCode(),
                    holdings.stream()
                            .map(h -> h.store().name() + ": " + h.unreachable().getMessage())
                            .collect(Collectors.joining("; ", "no store answers: ", "")),
                    holdings.get(0).unreachable().hint(),
                    holdings.get(0).unreachable());
        }
        return this;
    }

    /** Each manifest, by path, with the stores that have it, in order. */
    public TreeMap<String, List<Store>> manifests() {
        TreeMap<String, List<Store>> found = new TreeMap<>();
        for (Holding holding : holdings) {
            for (String path : holding.paths()) {
                if (Layout.backupOf(path).isPresent()) {
                    found.computeIfAbsent(path, p -> new ArrayList<>()).add(holding.store());
                }
            }
        }
        return found;
    }

    /** For routes: the manifests, and what vouches for them, that no store before has; of the local one none. */
    public List<Place> unseen() {
        List<Place> unseen = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (Holding holding : holdings) {
            for (String path : holding.paths()) {
                String name = path.substring(path.lastIndexOf('/') + 1);
                boolean ofManifest = name.startsWith(Manifest.FILE_NAME) && !DurableFile.isUnfinished(name);
                if (ofManifest && seen.add(path) && !holding.isLocal()) {
                    unseen.add(new Place(holding.store(), path));
                }
            }
        }
        return unseen;
    }

    public Optional<Holding> of(Store store) {
        return holdings.stream().filter(h -> h.store().equals(store)).findFirst();
    }

    /** As if no other store had anything of a backup. */
    public Survey withoutCopies(BackupId id) {
        return new Survey(holdings.stream()
                .map(holding -> holding.isLocal() ? holding : holding.without(id))
                .toList());
    }

    public List<Holding> further() {
        return holdings.stream().filter(h -> !h.isLocal()).toList();
    }
}
