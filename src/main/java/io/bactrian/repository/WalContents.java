package io.bactrian.repository;

import io.bactrian.Failure;
import io.bactrian.crypto.Encryption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The files below {@code wal}, compared with what the manifests list. One folder is looked at after the other: there may be
 * millions of files.
 *
 * @param incomplete folders of incrementals of which a file is missing
 * @param unlisted names of files that no manifest lists, by their folder
 */
record WalContents(Set<String> incomplete, Map<String, List<String>> unlisted) {

    /**
     * @param sortedPaths of all files below {@code wal}
     * @throws Failure if they are not: files that are there would count as missing, and WAL that is needed as listed by nobody
     */
    static WalContents of(Collection<String> sortedPaths, Collection<Manifest> manifests) {
        Map<String, List<Manifest>> byFolder = new HashMap<>();
        manifests.stream()
                .filter(m -> m.wal() != null)
                .forEach(m -> byFolder.computeIfAbsent(folder(m), f -> new ArrayList<>())
                        .add(m));
        Set<String> incomplete = new HashSet<>();
        Map<String, List<String>> unlisted = new TreeMap<>();
        String folder = null;
        String before = "";
        List<String> names = new ArrayList<>();
        for (String path : sortedPaths) {
            if (path.compareTo(before) <= 0) {
                throw Failure.running(
                        "the store lists " + path + " after " + before,
                        "Its `list` must sort the paths, as docs/stores.md says; nothing is deleted until it does.");
            }
            before = path;
            String next = path.substring(0, path.lastIndexOf('/'));
            if (!next.equals(folder)) {
                compare(folder, names, byFolder, incomplete, unlisted);
                folder = next;
                names = new ArrayList<>();
            }
            names.add(path.substring(next.length() + 1));
        }
        compare(folder, names, byFolder, incomplete, unlisted);
        byFolder.forEach((gone, members) ->
                members.stream().filter(m -> !m.artifacts().isEmpty()).forEach(m -> incomplete.add(Layout.folder(m))));
        return new WalContents(incomplete, unlisted);
    }

    static String folder(Manifest incremental) {
        return Layout.wal(incremental.systemIdentifier(), incremental.wal().chain());
    }

    /** A file that a manifest lists. */
    private record Listed(String name, Manifest by) {}

    /** Takes the manifests of the folder out of the map. Both lists are walked at once, in their order. */
    private static void compare(
            String folder,
            List<String> sortedNames,
            Map<String, List<Manifest>> byFolder,
            Set<String> incomplete,
            Map<String, List<String>> unlisted) {
        List<Listed> listed = listed(byFolder.remove(folder));
        List<String> others = new ArrayList<>();
        int at = 0;
        String found = null;
        String passed = null;
        for (String name : sortedNames) {
            while (at < listed.size() && listed.get(at).name().compareTo(name) < 0) {
                passed = listed.get(at).name();
                lack(listed.get(at++), found, incomplete);
            }
            if (at < listed.size() && listed.get(at).name().equals(name)) {
                found = name;
            } else if (!name.equals(passed + Encryption.SESSION_KEYS_SUFFIX)) {
                others.add(name);
            }
        }
        for (Listed rest : listed.subList(at, listed.size())) {
            lack(rest, found, incomplete);
        }
        if (!others.isEmpty()) {
            unlisted.put(folder, List.copyOf(others));
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
        for (Manifest member : members == null ? List.<Manifest>of() : members) {
            member.artifacts().forEach(artifact -> listed.add(new Listed(artifact.name(), member)));
        }
        listed.sort(Comparator.comparing(Listed::name));
        return listed;
    }
}
