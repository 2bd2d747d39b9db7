package io.bactrian.repository;

import io.bactrian.Failure;
import io.bactrian.crypto.Encryption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The files below {@code wal}, compared with what the manifests list. There may be millions, so chains are looked at side by
 * side.
 *
 * @param incomplete folders of incrementals of which a file is missing
 * @param unlisted names of files that no manifest lists, by their folder
 */
record WalContents(Set<String> incomplete, Map<String, List<String>> unlisted) {

    /** In the folder of a chain: {@code wal/<system identifier>/<chain>}. */
    private static final int SLASHES = 2;

    private static final char AFTER_SLASH = '/' + 1;

    /**
     * The files of a chain, or one that lies in none.
     *
     * @param folder theirs
     * @param paths sorted; those of folders in it, too
     * @param before the path before the first
     */
    private record Stored(String folder, List<String> paths, String before) {}

    /** A file that a manifest lists. */
    private record Listed(String name, Manifest by) {}

    /**
     * @param sortedPaths of all files below {@code wal}
     * @throws Failure if they are not: files that are there would count as missing, and WAL that is needed as listed by nobody
     */
    static WalContents of(List<String> sortedPaths, Collection<Manifest> manifests) {
        Map<String, List<Manifest>> byFolder =
                manifests.stream().filter(m -> m.wal() != null).collect(Collectors.groupingBy(WalContents::folder));
        List<Stored> chains = chains(sortedPaths);
        Set<String> incomplete = new HashSet<>();
        Map<String, List<String>> unlisted = new TreeMap<>();
        chains.parallelStream()
                .map(chain -> of(chain, byFolder.getOrDefault(chain.folder, List.of())))
                .toList()
                .forEach(found -> {
                    incomplete.addAll(found.incomplete);
                    found.unlisted.forEach((folder, names) -> unlisted.computeIfAbsent(folder, f -> new ArrayList<>())
                            .addAll(names));
                });
        chains.forEach(chain -> byFolder.remove(chain.folder));
        byFolder.values().stream()
                .flatMap(List::stream)
                .filter(m -> !m.artifacts().isEmpty())
                .forEach(m -> incomplete.add(Layout.folder(m)));
        return new WalContents(incomplete, unlisted);
    }

    private static List<Stored> chains(List<String> sortedPaths) {
        List<Stored> chains = new ArrayList<>();
        String before = "";
        int from = 0;
        while (from < sortedPaths.size()) {
            String folder = folder(sortedPaths.get(from));
            int to = from + 1;
            if (folder.chars().filter(c -> c == '/').count() == SLASHES) {
                int found = Collections.binarySearch(sortedPaths, folder + AFTER_SLASH);
                to = Math.max(to, found < 0 ? -found - 1 : found);
            }
            chains.add(new Stored(folder, sortedPaths.subList(from, to), before));
            before = sortedPaths.get(to - 1);
            from = to;
        }
        return chains;
    }

    static String folder(Manifest incremental) {
        return Layout.wal(incremental.systemIdentifier(), incremental.wal().chain());
    }

    private static String folder(String path) {
        return path.substring(0, path.lastIndexOf('/'));
    }

    /** Both lists, that of the store and that of the manifests, are walked at once, in their order. */
    private static WalContents of(Stored chain, List<Manifest> members) {
        List<Listed> listed = listed(members);
        Set<String> incomplete = new HashSet<>();
        Map<String, List<String>> unlisted = new HashMap<>();
        int at = 0;
        String before = chain.before;
        String found = null;
        String passed = null;
        for (String path : chain.paths) {
            demandOrder(before, path);
            before = path;
            String name = path.substring(chain.folder.length() + 1);
            int order = compare(listed, at, name);
            while (order < 0) {
                passed = listed.get(at).name();
                lack(listed.get(at++), found, incomplete);
                order = compare(listed, at, name);
            }
            if (order == 0) {
                found = name;
            } else if (!name.equals(passed + Encryption.SESSION_KEYS_SUFFIX)) {
                unlisted.computeIfAbsent(folder(path), f -> new ArrayList<>())
                        .add(path.substring(path.lastIndexOf('/') + 1));
            }
        }
        for (Listed rest : listed.subList(at, listed.size())) {
            lack(rest, found, incomplete);
        }
        return new WalContents(incomplete, unlisted);
    }

    /** Whether the next one listed comes before a name; after it if there is none. */
    private static int compare(List<Listed> listed, int at, String name) {
        return at < listed.size() ? listed.get(at).name().compareTo(name) : 1;
    }

    private static void demandOrder(String before, String path) {
        if (path.compareTo(before) <= 0) {
            throw Failure.running(
                    "the store lists " + path + " after " + before,
                    "Its `list` must sort the paths, as docs/stores.md says; nothing is deleted until it does.");
        }
    }

    private static void lack(Listed file, String found, Set<String> incomplete) {
        if (!file.name().equals(found)) {
            incomplete.add(Layout.folder(file.by()));
        }
    }

    /** Almost in order from the beginning, which makes the sorting cheap. */
    private static List<Listed> listed(List<Manifest> members) {
        List<Listed> listed = new ArrayList<>();
        members.forEach(member -> names(member).forEach(name -> listed.add(new Listed(name, member))));
        listed.sort(Comparator.comparing(Listed::name));
        return listed;
    }

    private static Stream<String> names(Manifest manifest) {
        return manifest.artifacts() instanceof OutlinedArtifacts outlined
                ? outlined.names()
                : manifest.artifacts().stream().map(Artifact::name);
    }
}
