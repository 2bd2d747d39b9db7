package io.bactrian.config;

import io.bactrian.Failure;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Finds {@code BACKUP_…} names that nobody knows: a near miss of a known one is an error, any other a warning. */
public final class Spelling {
    private static final int NEAR = 2;
    private static final String PREFIX = "BACKUP_";

    private Spelling() {}

    /**
     * @param usedByRoutes names of the properties that routes use, {@code backup.…}
     * @return warnings about names that nothing uses
     */
    public static List<String> check(Settings settings, Collection<String> usedByRoutes) {
        Set<String> known = new TreeSet<>();
        Arrays.stream(Setting.values()).map(Enum::name).forEach(known::add);
        usedByRoutes.stream().map(Spelling::variable).forEach(known::add);

        Map<String, Optional<Path>> given = new TreeMap<>(settings.layers().given());
        given.keySet().removeIf(name -> !name.startsWith(PREFIX) || known.contains(name));

        List<String> warnings = new ArrayList<>();
        given.forEach((name, file) -> {
            String subject = file.map(path -> path + ": ").orElse("") + name;
            suggestion(name, known).ifPresent(hint -> {
                throw Failure.usage(subject + " is not a setting", hint);
            });
            warnings.add(subject + " is not a setting of this version and does nothing");
        });
        return warnings;
    }

    /** In the file of a database only settings make sense; those that begin as routes' own do are left to {@link #check}. */
    static void checkOwn(Path file, String property) {
        String name = variable(property);
        if (Setting.named(name).isEmpty() && !name.startsWith(PREFIX)) {
            throw Failure.usage(
                    file + ": " + property + " is not a setting",
                    suggestion(
                                    name,
                                    Arrays.stream(Setting.values())
                                            .map(Enum::name)
                                            .toList())
                            .orElse("`database.url`, `pgdump.jobs` and the `backup.…` of docs/configuration.md."));
        }
    }

    /** A hint with the name that was probably meant, if one is near. */
    public static Optional<String> suggestion(String name, Collection<String> known) {
        return known.stream()
                .filter(k -> distance(name, k) <= NEAR)
                .min(Comparator.comparing((String k) -> distance(name, k)).thenComparing(Comparator.naturalOrder()))
                .map(meant -> "Did you mean " + meant + "?");
    }

    static String variable(String property) {
        return property.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    /** Levenshtein's edit distance. */
    static int distance(String a, String b) {
        int[] previous = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substitution = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(substitution, 1 + Math.min(previous[j], row[j - 1]));
            }
            previous = row;
        }
        return previous[b.length()];
    }
}
