package io.bactrian.config;

import io.bactrian.Failure;
import io.bactrian.repository.Store;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/** The stores that settings name, besides the local one. */
final class FurtherStores {
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,30}");

    private FurtherStores() {}

    static List<Store> of(Settings settings) {
        List<Store> stores = new ArrayList<>();
        Arrays.stream(settings.get(Setting.BACKUP_STORES).split(","))
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .forEach(name -> add(stores, Setting.BACKUP_STORES, new Store(name, name)));
        return List.copyOf(stores);
    }

    static boolean getKeys(Settings settings) {
        return switch (settings.get(Setting.BACKUP_KEYS_IN_STORES)) {
            case "yes" -> true;
            case "no" -> false;
            default -> throw settings.bad(Setting.BACKUP_KEYS_IN_STORES, "is neither yes nor no", "One of yes, no.");
        };
    }

    private static void add(List<Store> stores, Setting from, Store store) {
        if (!NAME.matcher(store.name()).matches()) {
            throw Failure.usage(
                    from + ": \"" + store.name() + "\" is not a name of a store",
                    "Lower-case letters, digits and hyphens, such as oslo-2.");
        }
        if (store.name().equals(Store.LOCAL.name())
                || stores.stream().anyMatch(other -> other.name().equals(store.name()))) {
            throw Failure.usage(
                    from + ": there is already a store " + store.name(), "Give each store a name of its own.");
        }
        stores.add(store);
    }
}
