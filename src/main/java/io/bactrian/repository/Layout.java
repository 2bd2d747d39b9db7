package io.bactrian.repository;

import io.bactrian.Failure;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** Where things lie, relative to the root of any store; with forward slashes. */
public final class Layout {
    public static final String REPOSITORY = "repository.json";
    public static final String FULL = "full";
    public static final String KEYS = "keys";

    private static final Pattern SAFE_SEGMENT = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.:-]*");

    private Layout() {}

    public static String folder(BackupId id) {
        return FULL + "/" + id;
    }

    public static String file(BackupId id, String name) {
        return folder(id) + "/" + name;
    }

    public static String manifest(BackupId id) {
        return file(id, Manifest.FILE_NAME);
    }

    /** Resolves a path that may come from a damaged or hostile manifest; it can never leave {@code root}. */
    public static Path resolve(Path root, String path) {
        for (String segment : path.split("/", -1)) {
            if (!SAFE_SEGMENT.matcher(segment).matches()) {
                throw Failure.integrity(
                        "\"" + path + "\" is not a path in a repository",
                        "The manifest that names it was damaged or forged: run `bactrian test --all`.");
            }
        }
        return root.resolve(path);
    }
}
