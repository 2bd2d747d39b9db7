package io.bactrian.pipeline;

import io.bactrian.repository.BackupId;
import io.bactrian.repository.Layout;
import io.bactrian.repository.Manifest;
import io.bactrian.repository.Store;
import io.bactrian.repository.Survey;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.camel.Exchange;

/**
 * The bases and incrementals that stores hold, while their manifests are read one after the other.
 *
 * @param left those still to read
 * @param manifests authenticated
 * @param stores in which at least one of them was found, in the order in which they are asked
 * @param unreadable why the others were not believed
 */
public record Catalogue(List<Entry> left, List<Manifest> manifests, List<Store> stores, List<String> unreadable) {
    public static final String PROPERTY = "catalogue";

    /**
     * @param voucher name of the file beside the manifest that vouches for it
     * @param stores that have it and were not tried yet
     */
    record Entry(BackupId id, String folder, String voucher, List<Store> stores) {
        static Entry of(BackupId id, String path, List<Store> stores, Survey survey) {
            String folder = path.substring(0, path.lastIndexOf('/'));
            boolean signed = survey.of(stores.get(0))
                    .filter(holding -> holding.paths().contains(folder + "/" + Manifest.SIGNATURE_NAME))
                    .isPresent();
            return new Entry(id, folder, signed ? Manifest.SIGNATURE_NAME : Manifest.DIGEST_NAME, List.copyOf(stores));
        }

        /** Makes it what is read next, as the first of its stores has it. */
        void read(Exchange exchange) {
            exchange.setProperty(Store.PROPERTY, stores.get(0));
            Reading.of(id.text(), Reading.READ).chosen(id, folder, voucher).on(exchange);
        }
    }

    static Catalogue of(Survey survey) {
        List<Entry> entries = new ArrayList<>();
        Set<Store> holders = new HashSet<>();
        survey.manifests()
                .forEach((path, stores) -> Layout.backupOf(path)
                        .filter(id -> !id.isFull())
                        .ifPresent(id -> {
                            entries.add(Entry.of(id, path, stores, survey));
                            holders.addAll(stores);
                        }));
        List<Store> inOrder = survey.holdings().stream()
                .map(holding -> holding.store())
                .filter(holders::contains)
                .toList();
        return new Catalogue(List.copyOf(entries), List.of(), inOrder, List.of());
    }

    static Catalogue of(Exchange exchange) {
        return exchange.getProperty(PROPERTY, Catalogue.class);
    }

    void on(Exchange exchange) {
        exchange.setProperty(PROPERTY, this);
    }

    Entry first() {
        return left.get(0);
    }

    /** The first one was read. */
    Catalogue with(Manifest manifest) {
        List<Manifest> more = new ArrayList<>(manifests);
        more.add(manifest);
        return new Catalogue(left.subList(1, left.size()), more, stores, unreadable);
    }

    /** The first one cannot be believed as the first of its stores has it. */
    Catalogue without(String why) {
        List<Entry> rest = new ArrayList<>(left.subList(1, left.size()));
        List<String> more = new ArrayList<>(unreadable);
        if (first().stores().size() > 1) {
            List<Store> others = first().stores().subList(1, first().stores().size());
            rest.add(0, new Entry(first().id(), first().folder(), first().voucher(), others));
        } else {
            more.add(why);
        }
        return new Catalogue(rest, manifests, stores, more);
    }

    /** For routes. */
    public boolean hasMore() {
        return !left.isEmpty();
    }
}
