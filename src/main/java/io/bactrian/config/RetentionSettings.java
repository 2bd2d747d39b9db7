package io.bactrian.config;

import io.bactrian.Failure;
import io.bactrian.repository.Manifest;
import io.bactrian.repository.RetentionPolicy;
import io.bactrian.repository.Store;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** BACKUP_RETENTION_…: what all stores keep, and what single ones keep instead. */
public final class RetentionSettings {
    private static final Map<String, Setting> RULES = Map.of(
            "days", Setting.BACKUP_RETENTION_DAYS,
            "min-full", Setting.BACKUP_RETENTION_MIN_FULL,
            "daily", Setting.BACKUP_RETENTION_DAILY,
            "weekly", Setting.BACKUP_RETENTION_WEEKLY,
            "monthly", Setting.BACKUP_RETENTION_MONTHLY);
    /** Of these there must be at least one: there is always something to restore. */
    private static final List<String> NEVER_NONE = List.of("days", "min-full");

    private RetentionSettings() {}

    static void check(Settings settings) {
        Map<String, Map<String, Integer>> single = single(settings);
        Stream.concat(Stream.of(Store.LOCAL), settings.furtherStores().stream()).forEach(store -> of(settings, store));
        single.keySet().stream()
                .filter(name -> !name.equals(Store.LOCAL.name())
                        && settings.furtherStores().stream()
                                .noneMatch(store -> store.name().equals(name)))
                .findFirst()
                .ifPresent(name -> {
                    throw bad("there is no store \"" + name + "\"");
                });
    }

    /** What a store has to keep. */
    public static RetentionPolicy of(Settings settings, Store store) {
        Map<String, Integer> single = single(settings).getOrDefault(store.name(), Map.of());
        Map<String, Integer> rules = new HashMap<>();
        RULES.forEach((rule, setting) ->
                rules.put(rule, single.getOrDefault(rule, number(setting.name(), rule, settings.get(setting)))));
        return new RetentionPolicy(
                Duration.ofDays(rules.get("days")),
                rules.get("min-full"),
                rules.get("daily"),
                rules.get("weekly"),
                rules.get("monthly"),
                settings.timezone());
    }

    /**
     * Whether a backup that a store lacks is to be sent there: not if it is older than the window that this store has of its own, since
     * the store's cleanup may have removed it.
     */
    public static boolean wants(Settings settings, Store store, Manifest backup, Instant now) {
        RetentionPolicy own = of(settings, store);
        return own.equals(of(settings, Store.LOCAL)) || !backup.finished().isBefore(now.minus(own.window()));
    }

    private static Map<String, Map<String, Integer>> single(Settings settings) {
        Map<String, Map<String, Integer>> stores = new HashMap<>();
        for (String entry : parts(settings.get(Setting.BACKUP_RETENTION_STORES), ";")) {
            String[] sides = entry.split("=", -1);
            if (sides.length != 2) {
                throw bad("\"" + entry + "\" is not a store and its rules");
            }
            Map<String, Integer> rules = stores.computeIfAbsent(sides[0].strip(), name -> new HashMap<>());
            for (String rule : parts(sides[1], ",")) {
                String[] pair = rule.split(":", -1);
                if (pair.length != 2 || !RULES.containsKey(pair[0].strip())) {
                    throw bad("\"" + rule + "\" is not a rule");
                }
                rules.put(
                        pair[0].strip(),
                        number(Setting.BACKUP_RETENTION_STORES.name(), pair[0].strip(), pair[1].strip()));
            }
        }
        return stores;
    }

    private static List<String> parts(String text, String separator) {
        return Arrays.stream(text.split(separator))
                .map(String::strip)
                .filter(part -> !part.isEmpty())
                .toList();
    }

    private static int number(String where, String rule, String text) {
        int least = NEVER_NONE.contains(rule) ? 1 : 0;
        if (!text.matches("[0-9]{1,5}") || Integer.parseInt(text) < least) {
            throw Failure.usage(
                    where + ": \"" + text + "\" is not a number for " + rule, "A whole number from " + least + " on.");
        }
        return Integer.parseInt(text);
    }

    private static Failure bad(String what) {
        return Failure.usage(
                Setting.BACKUP_RETENTION_STORES + ": " + what, "For instance s3=days:90,monthly:12;oslo-2=days:7");
    }
}
