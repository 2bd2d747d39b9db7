package io.bactrian.repository;

import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;

/** What the stores say: is every backup in all of them? */
final class StoreHealth {
    private static final int NAMED = 3;

    private final Inventory inventory;
    private final Survey survey;
    private final BiPredicate<Store, Manifest> isWanted;

    /** @param isWanted whether a store is to keep a backup */
    StoreHealth(Inventory inventory, Survey survey, BiPredicate<Store, Manifest> isWanted) {
        this.inventory = inventory;
        this.survey = survey;
        this.isWanted = isWanted;
    }

    List<Status.StoreEntry> entries() {
        Optional<Holding> local = survey.of(Store.LOCAL);
        List<Manifest> own = inventory.manifests().stream()
                .filter(manifest -> local.filter(l -> l.hasWhole(manifest)).isPresent())
                .toList();
        return survey.holdings().stream().map(holding -> entry(holding, own)).toList();
    }

    private Status.StoreEntry entry(Holding holding, List<Manifest> own) {
        int backups = (int) holding.paths().stream()
                .filter(path -> Layout.backupOf(path).isPresent())
                .count();
        List<BackupId> missing = own.stream()
                .filter(manifest ->
                        holding.answered() && !holding.hasWhole(manifest) && isWanted.test(holding.store(), manifest))
                .map(Manifest::id)
                .toList();
        return new Status.StoreEntry(
                holding.store().name(),
                backups,
                missing,
                holding.answered() ? null : holding.unreachable().getMessage());
    }

    static void report(List<Status.StoreEntry> stores, Findings findings) {
        for (Status.StoreEntry store : stores) {
            if (store.unreachable() != null) {
                findings.worrying("the store " + store.name() + " cannot be reached: " + store.unreachable());
            } else if (!store.missing().isEmpty()) {
                List<BackupId> missing = store.missing();
                findings.worrying("the store " + store.name() + " lacks " + missing.size() + " of the backups: "
                        + missing.subList(Math.max(0, missing.size() - NAMED), missing.size())
                        + (missing.size() > NAMED ? " and older ones" : ""));
            }
        }
    }
}
