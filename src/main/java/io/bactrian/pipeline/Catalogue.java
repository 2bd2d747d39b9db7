package io.bactrian.pipeline;

import io.bactrian.repository.BackupId;
import io.bactrian.repository.Layout;
import io.bactrian.repository.Manifest;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Exchange;

/**
 * The bases and incrementals of a store, while their manifests are read one after the other.
 *
 * @param left those still to read
 * @param manifests authenticated
 * @param unreadable why the others were not believed
 */
public record Catalogue(List<Entry> left, List<Manifest> manifests, List<String> unreadable) {
    public static final String PROPERTY = "catalogue";

    /** @param voucher name of the file beside the manifest that vouches for it */
    record Entry(BackupId id, String folder, String voucher) {}

    static Catalogue of(Exchange exchange) {
        return exchange.getProperty(PROPERTY, new Catalogue(List.of(), List.of(), List.of()), Catalogue.class);
    }

    void on(Exchange exchange) {
        exchange.setProperty(PROPERTY, this);
    }

    Catalogue listing(List<?> paths) {
        List<Entry> entries = new ArrayList<>(left);
        for (Object path : paths) {
            Layout.backupOf(path.toString()).ifPresent(id -> {
                String folder = path.toString().substring(0, path.toString().lastIndexOf('/'));
                boolean signed = paths.contains(folder + "/" + Manifest.SIGNATURE_NAME);
                entries.add(new Entry(id, folder, signed ? Manifest.SIGNATURE_NAME : Manifest.DIGEST_NAME));
            });
        }
        return new Catalogue(List.copyOf(entries), manifests, unreadable);
    }

    Catalogue withoutFirst() {
        return new Catalogue(left.subList(1, left.size()), manifests, unreadable);
    }

    Catalogue with(Manifest manifest) {
        List<Manifest> more = new ArrayList<>(manifests);
        more.add(manifest);
        return new Catalogue(left, more, unreadable);
    }

    Catalogue without(String why) {
        List<String> more = new ArrayList<>(unreadable);
        more.add(why);
        return new Catalogue(left, manifests, more);
    }

    /** For routes. */
    public boolean hasMore() {
        return !left.isEmpty();
    }
}
