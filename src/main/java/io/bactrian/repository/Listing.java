package io.bactrian.repository;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The files of a store's backups, by the folder that they lie in. */
final class Listing {
    private final List<String> sorted;

    Listing(Collection<String> paths) {
        sorted = paths.stream().sorted().toList();
    }

    boolean has(String path) {
        return Collections.binarySearch(sorted, path) >= 0;
    }

    /** All files below a folder. */
    List<String> below(String folder) {
        return startingWith(folder + "/");
    }

    private List<String> startingWith(String beginning) {
        int found = Collections.binarySearch(sorted, beginning);
        int first = found < 0 ? -found - 1 : found;
        int end = first;
        while (end < sorted.size() && sorted.get(end).startsWith(beginning)) {
            end++;
        }
        return sorted.subList(first, end);
    }

    /** The files of each backup that has no manifest, by its folder. */
    Map<String, List<String>> withoutManifest() {
        Map<String, List<String>> folders = new LinkedHashMap<>();
        for (String path : sorted) {
            String folder = Layout.folder(path);
            if (isBackup(folder) && !folders.containsKey(folder) && !has(folder + "/" + Manifest.FILE_NAME)) {
                folders.put(folder, below(folder));
            }
        }
        return folders;
    }

    private static boolean isBackup(String folder) {
        return Layout.backupOf(folder + "/" + Manifest.FILE_NAME).isPresent();
    }

    /** What a write that was killed left. */
    Stream<String> unfinished() {
        return sorted.stream().filter(DurableFile::isUnfinished);
    }

    /** The files of a backup in the order in which they go: the manifest first, what vouches for it, links to it, all else. */
    List<String> inOrderOfDeletion(String folder) {
        List<String> vouching = Stream.of(Manifest.FILE_NAME, Manifest.SIGNATURE_NAME, Manifest.DIGEST_NAME)
                .map(name -> folder + "/" + name)
                .filter(this::has)
                .toList();
        return Stream.of(
                        vouching.stream(),
                        startingWith(folder + ".").stream(),
                        below(folder).stream().filter(path -> !vouching.contains(path)))
                .flatMap(files -> files)
                .toList();
    }
}
