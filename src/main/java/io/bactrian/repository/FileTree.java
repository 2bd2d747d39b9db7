package io.bactrian.repository;

import io.bactrian.postgres.WalSegment;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;

/** The files below a folder. There may be a million, so folders are listed side by side, and names sorted as bytes. */
record FileTree(Path root) {
    private static final byte FOLDER = '/';

    /**
     * The paths of all files below a folder of it, in the order of whole paths.
     *
     * @throws UncheckedIOException if a folder cannot be read; one that is deleted meanwhile is empty
     */
    List<String> below(Path folder) {
        return new JoinedPaths(parts(folder));
    }

    private List<SortedPaths> parts(Path folder) {
        byte[][] names = names(folder);
        Arrays.sort(names, SortedPaths::compare);
        Iterator<List<SortedPaths>> below = Arrays.stream(names)
                .filter(FileTree::isFolder)
                .parallel()
                .map(name -> parts(folder.resolve(new String(name, StandardCharsets.UTF_8))))
                .toList()
                .iterator();
        byte[] prefix = (root.relativize(folder) + "/").getBytes(StandardCharsets.UTF_8);
        List<SortedPaths> parts = new ArrayList<>();
        SortedPaths.Builder files = new SortedPaths.Builder();
        for (byte[] name : names) {
            if (isFolder(name)) {
                parts.add(files.build());
                parts.addAll(below.next());
                files = new SortedPaths.Builder();
            } else {
                files.add(concatenated(prefix, name));
            }
        }
        parts.add(files.build());
        parts.removeIf(SortedPaths::isEmpty);
        return parts;
    }

    private static byte[][] names(Path folder) {
        String[] entries = folder.toFile().list(); // a path for each of a million files would cost more than all else
        if (entries == null) {
            if (Files.exists(folder)) {
                throw new UncheckedIOException(new AccessDeniedException(folder.toString()));
            }
            return new byte[0][]; // it went meanwhile
        }
        return Arrays.stream(entries)
                .flatMap(name -> nameInPath(folder, name))
                .map(name -> name.getBytes(StandardCharsets.UTF_8))
                .toArray(byte[][]::new);
    }

    /**
     * A folder is named as if its name ended with a slash. None of what is neither file nor folder. What is named like a segment is
     * one: to ask of each takes its time.
     */
    private static Stream<String> nameInPath(Path folder, String name) {
        if (WalSegment.isNameOfFile(name)) {
            return Stream.of(name);
        }
        Path entry = folder.resolve(name);
        if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
            return Stream.of(name + "/");
        }
        return Files.isRegularFile(entry) ? Stream.of(name) : Stream.empty();
    }

    private static boolean isFolder(byte[] name) {
        return name[name.length - 1] == FOLDER;
    }

    private static byte[] concatenated(byte[] prefix, byte[] name) {
        byte[] path = Arrays.copyOf(prefix, prefix.length + name.length);
        System.arraycopy(name, 0, path, prefix.length, name.length);
        return path;
    }
}
