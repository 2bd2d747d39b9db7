package io.bactrian.pipeline;

import io.bactrian.Failure;
import io.bactrian.repository.BackupId;
import io.bactrian.repository.Layout;
import io.bactrian.repository.Manifest;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.camel.Exchange;

/** The {@code find} step: from a listing of the store, chooses the one backup that is meant. */
public final class FindBackup {
    private static final int SHOWN = 3;

    private final AskSources sources;
    private final StoreCache cache;

    FindBackup(AskSources sources, StoreCache cache) {
        this.sources = sources;
        this.cache = cache;
    }

    /** What has a manifest, and so exists. */
    private record Found(BackupId id, String folder) {
        static Optional<Found> at(Object path) {
            String manifest = path.toString();
            return Layout.backupOf(manifest).map(id -> new Found(id, manifest.substring(0, manifest.lastIndexOf('/'))));
        }
    }

    /** What is meant, if nobody said: after a backup, that one. */
    public void wanted(Exchange exchange) {
        if (Reading.of(exchange) == null) {
            Reading.of(Backup.of(exchange).id().text(), Reading.READ).on(exchange);
        }
    }

    /** The body is the listing of {@link Reading#kindFolder}. */
    public void choose(Exchange exchange) {
        List<?> listing = exchange.getMessage().getBody(List.class);
        List<Found> whole = listing.stream()
                .flatMap(path -> Found.at(path).stream())
                .sorted(Comparator.comparing(Found::id))
                .toList();
        Reading reading = Reading.of(exchange);
        Found one = theOne(reading.wanted(), whole);
        String signature = one.folder() + "/" + Manifest.SIGNATURE_NAME;
        reading.chosen(
                        one.id(),
                        one.folder(),
                        listing.contains(signature) ? Manifest.SIGNATURE_NAME : Manifest.DIGEST_NAME)
                .on(exchange);
    }

    /** One store could not help: it may be asked again another time, but not for a damaged copy that was kept here. */
    public void missed(Exchange exchange) throws IOException {
        Reading reading = Reading.of(exchange);
        if (reading.id() != null) {
            cache.forget(Sources.of(exchange).current(), reading.manifestPath());
            cache.forget(Sources.of(exchange).current(), reading.voucherPath());
        }
        sources.missed(exchange);
    }

    private static Found theOne(String wanted, List<Found> whole) {
        if (whole.isEmpty()) {
            throw Failure.precondition(
                    "there is no backup " + (wanted.equals(Reading.LATEST) ? "here" : wanted),
                    "Make one with `bactrian full`, or check BACKUP_DIR.");
        }
        if (wanted.equals(Reading.LATEST)) {
            return whole.get(whole.size() - 1);
        }
        List<Found> matches = whole.stream()
                .filter(found -> found.id().text().startsWith(wanted))
                .toList();
        if (matches.isEmpty()) {
            throw Failure.precondition(
                    "there is no backup " + wanted,
                    "`bactrian status` lists them; the newest is "
                            + whole.get(whole.size() - 1).id() + ".");
        }
        if (matches.size() > 1) {
            throw Failure.usage(
                    wanted + " is the beginning of " + matches.size() + " backups: "
                            + matches.stream().limit(SHOWN).map(Found::id).toList()
                            + (matches.size() > SHOWN ? " …" : ""),
                    "Give more of the id.");
        }
        return matches.get(0);
    }
}
