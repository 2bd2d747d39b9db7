package io.bactrian.repository;

import io.bactrian.crypto.Encryption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
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

    static WalContents of(Collection<String> paths, Collection<Manifest> manifests) {
        Map<String, List<Manifest>> byFolder = new HashMap<>();
        manifests.stream()
                .filter(m -> m.wal() != null)
                .forEach(m -> byFolder.computeIfAbsent(folder(m), f -> new ArrayList<>())
                        .add(m));
        Set<String> incomplete = new HashSet<>();
        Map<String, List<String>> unlisted = new TreeMap<>();
        Iterator<String> rest = paths.iterator();
        String folder = null;
        Set<String> names = new HashSet<>();
        while (rest.hasNext()) {
            String path = rest.next();
            String next = path.substring(0, path.lastIndexOf('/'));
            if (!next.equals(folder)) {
                compare(folder, names, byFolder, incomplete, unlisted);
                folder = next;
                names = new HashSet<>();
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

    /** Takes the manifests of the folder out of the map. */
    private static void compare(
            String folder,
            Set<String> names,
            Map<String, List<Manifest>> byFolder,
            Set<String> incomplete,
            Map<String, List<String>> unlisted) {
        Set<String> listed = new HashSet<>();
        List<Manifest> members = byFolder.remove(folder);
        for (Manifest member : members == null ? List.<Manifest>of() : members) {
            for (Artifact artifact : member.artifacts()) {
                if (names.remove(artifact.name())) {
                    listed.add(artifact.name());
                } else if (!listed.contains(artifact.name())) {
                    incomplete.add(Layout.folder(member));
                }
                names.remove(artifact.name() + Encryption.SESSION_KEYS_SUFFIX);
            }
        }
        if (!names.isEmpty()) {
            unlisted.put(folder, names.stream().sorted().toList());
        }
    }
}
