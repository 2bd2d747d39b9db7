package io.bactrian.pipeline;

import io.bactrian.Failure;
import io.bactrian.config.Settings;
import io.bactrian.repository.BackupId;
import io.bactrian.repository.Layout;
import io.bactrian.repository.Manifest;
import io.bactrian.repository.Origin;
import java.io.File;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.apache.camel.Exchange;

/** The {@code latest} step: which full {@code latest} means, where a repository has those of several databases. */
public final class LatestBackup {
    /** The exchange property with the name of the database whose newest full is meant, if somebody said it. */
    public static final String DATABASE = "database";

    private static final String LISTING = "listing";
    private static final String WHOSE = "latestOf";

    private final Settings settings;

    LatestBackup(Settings settings) {
        this.settings = settings;
    }

    /** The body is the listing of all fulls, and becomes the paths of their manifests. */
    public void manifests(Exchange exchange) {
        List<?> listing = exchange.getMessage().getBody(List.class);
        exchange.setProperty(LISTING, listing);
        exchange.getMessage()
                .setBody(listing.stream()
                        .filter(path -> Layout.backupOf(path.toString()).isPresent())
                        .toList());
    }

    /** The body is one of these manifests, and becomes what it says of its origin. */
    public void origin(Exchange exchange) throws IOException {
        exchange.getMessage().setBody(Origin.read(exchange.getMessage().getBody(File.class)));
    }

    /** One that cannot be read may be anybody's: if it is the newest, somebody has to be told. */
    public void unknown(Exchange exchange) {
        String path = exchange.getMessage().getHeader(Exchange.FILE_NAME, String.class);
        BackupId id = Layout.backupOf(path).orElseThrow();
        exchange.getMessage().setBody(new Origin(id, null, null, null, Map.of()));
    }

    /** The body is the origins, and becomes the listing again, with no other full than the one that is meant. */
    public void choose(Exchange exchange) {
        List<?> body = exchange.getMessage().getBody(List.class);
        List<Origin> origins =
                body == null ? List.of() : body.stream().map(Origin.class::cast).toList();
        List<?> listing = exchange.getProperty(LISTING, List.class);
        Optional<String> whose = whose(exchange, origins);
        exchange.setProperty(WHOSE, whose.orElse(null));
        Optional<BackupId> newest = newest(origins, whose);
        exchange.getMessage()
                .setBody(listing.stream()
                        .filter(path ->
                                newest.isPresent() && path.toString().startsWith(Layout.full(newest.get()) + "/"))
                        .toList());
    }

    private static Optional<BackupId> newest(List<Origin> origins, Optional<String> whose) {
        Optional<BackupId> newest = origins.stream()
                .filter(origin -> whose.isEmpty() || origin.name() == null || whose.equals(Optional.of(origin.name())))
                .map(Origin::id)
                .max(Comparator.naturalOrder());
        if (newest.isEmpty() && whose.isPresent() && !origins.isEmpty()) {
            throw Failure.precondition(
                    "there is no backup of " + whose.get() + " here", "There are those of " + names(origins) + ".");
        }
        return newest;
    }

    /** Whom somebody named; else whom this configuration backs up; nobody where all fulls are of one. */
    private Optional<String> whose(Exchange exchange, List<Origin> origins) {
        TreeSet<String> names = names(origins);
        Optional<String> named = Optional.ofNullable(exchange.getProperty(DATABASE, String.class))
                .or(() -> Optional.of(settings.name()).filter(name -> !name.isEmpty()));
        if (named.isPresent() || names.size() <= 1) {
            return named;
        }
        return Optional.of(DatabaseName.of(settings).filter(names::contains).orElseThrow(() -> ambiguous(names)));
    }

    private static Failure ambiguous(TreeSet<String> names) {
        return Failure.usage(
                "there are backups of several databases here: " + String.join(", ", names),
                "Say whose latest is meant: --database NAME; or give an id, as `bactrian status` lists them.");
    }

    private static TreeSet<String> names(List<Origin> origins) {
        TreeSet<String> names = new TreeSet<>();
        origins.stream().map(Origin::name).filter(name -> name != null).forEach(names::add);
        return names;
    }

    /** The manifest is authenticated now: is it really of the database that is meant? */
    public void confirm(Exchange exchange) {
        String whose = exchange.getProperty(WHOSE, String.class);
        Manifest found = Reading.of(exchange).manifest();
        boolean wasLatest = Reading.of(exchange).wanted().equals(Reading.LATEST);
        if (wasLatest && whose != null && !whose.equals(Origin.name(found.options(), found.database()))) {
            throw Failure.integrity(
                    "the newest backup of " + whose + " cannot be told, as the manifest of " + found.id()
                            + " could not be read at first",
                    "Try again, or give an id, as `bactrian status` lists them.");
        }
    }
}
