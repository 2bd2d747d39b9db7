package io.bactrian.pipeline;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.Failure;
import io.bactrian.config.RetentionSettings;
import io.bactrian.config.Settings;
import io.bactrian.repository.BackupId;
import io.bactrian.repository.DurableFile;
import io.bactrian.repository.History;
import io.bactrian.repository.Json;
import io.bactrian.repository.Layout;
import io.bactrian.repository.Lease;
import io.bactrian.repository.LocalStore;
import io.bactrian.repository.Retention;
import io.bactrian.repository.RetentionPlan;
import io.bactrian.repository.RunLock;
import io.bactrian.repository.RunRecord;
import io.bactrian.repository.Store;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The {@code cleanup} step: what is kept in each store, and why. */
public final class Cleanup {
    private static final Logger LOG = LoggerFactory.getLogger(Cleanup.class);
    /** The exchange property: nothing is deleted. */
    public static final String DRY_RUN = "dryRun";
    /** The exchange property with the name of the only store that is meant; without it all are. */
    public static final String ONLY = "onlyStore";

    private static final String ACTIVITY = "cleanup";

    private final Settings settings;
    private final LocalStore local;
    private final History history;
    private final Clock clock;
    private final ObjectMapper json = Json.mapper();

    Cleanup(Settings settings, LocalStore local, History history, Clock clock) {
        this.settings = settings;
        this.local = local;
        this.history = history;
        this.clock = clock;
    }

    /** The body becomes the list of stores. */
    public void begin(Exchange exchange) throws IOException {
        if (!isDryRun(exchange)) {
            Resources.closeAfter(exchange, RunLock.acquire(local.root(), ACTIVITY));
        }
        String only = exchange.getProperty(ONLY, String.class);
        List<Store> stores = Stream.concat(Stream.of(Store.LOCAL), settings.furtherStores().stream())
                .filter(store -> only == null || store.name().equals(only))
                .toList();
        if (stores.isEmpty()) {
            throw Failure.usage("there is no store \"" + only + "\"", "`local`, or one that the settings name.");
        }
        exchange.getMessage().setBody(stores);
    }

    /** The body is the list of outcomes. */
    public void demandSuccess(List<CleanupOutcome> outcomes) {
        for (CleanupOutcome outcome : outcomes) {
            if (outcome.error() != null) {
                throw new Failure(
                        io.bactrian.ExitCode.FAILED,
                        "cleanup of " + outcome.store() + ": " + outcome.error(),
                        outcome.hint());
            }
            if (outcome.isRefused()) {
                throw Failure.precondition(
                        "nothing is deleted in " + outcome.store() + ": "
                                + outcome.plan().refusal(),
                        CleanupOutcome.REFUSED_HINT);
            }
        }
    }

    private static boolean isDryRun(Exchange exchange) {
        return exchange.getProperty(DRY_RUN, false, Boolean.class);
    }

    /** The body is a store: the next one. */
    public void store(Exchange exchange) {
        Store store = exchange.getMessage().getBody(Store.class);
        exchange.setProperty(Store.PROPERTY, store);
        exchange.setProperty(Cleaning.PROPERTY, new Cleaning(store, isDryRun(exchange)));
    }

    /** The body is the listings of WAL, of backups by kind, of leases and of keys. */
    public void found(Exchange exchange) {
        List<?> listings = exchange.getMessage().getBody(List.class);
        Cleaning.of(exchange)
                .found(
                        Stream.of(1, 2, 3)
                                .flatMap(kind -> paths(listings.get(kind)).stream())
                                .toList(),
                        paths(listings.get(0)),
                        paths(listings.get(4)),
                        paths(listings.get(5)));
    }

    /** The body is what killed writes left of {@code repository.json}. */
    public void foundBesideFolders(Exchange exchange) {
        Cleaning.of(exchange).foundBesideFolders(paths(exchange.getMessage().getBody(List.class)));
    }

    /** The body is the paths of leases. */
    public void foundLeases(Exchange exchange) {
        Cleaning.of(exchange).foundLeases(paths(exchange.getMessage().getBody(List.class)));
    }

    /** A lease could not be read; the leases were listed anew since. */
    public void unreadLease(Exchange exchange) {
        String path = exchange.getProperty("leasePath", String.class);
        if (Cleaning.of(exchange).leasePaths().contains(path)) {
            LOG.atWarn().addKeyValue("path", path).log("a lease cannot be read");
            Cleaning.of(exchange).unreadableLease(path);
        }
    }

    @SuppressWarnings("unchecked")
    private static List<String> paths(Object listing) {
        return (List<String>) listing;
    }

    /** The body is a lease as stored. */
    public void lease(Exchange exchange) throws IOException {
        Cleaning cleaning = Cleaning.of(exchange);
        String path = exchange.getMessage().getHeader(Exchange.FILE_NAME, String.class);
        try (InputStream in = exchange.getMessage().getBody(InputStream.class)) {
            if (in == null) {
                return; // it was given back meanwhile
            }
            Lease lease = json.readValue(in, Lease.class);
            if (lease != null && lease.id() != null && lease.path().equals(path) && lease.until() != null) {
                cleaning.lease(lease);
                return;
            }
        } catch (com.fasterxml.jackson.core.JacksonException e) {
            LOG.atWarn().addKeyValue("path", path).log("a lease cannot be read");
        }
        cleaning.unreadableLease(path);
    }

    /** Decides, and the body becomes the plan. */
    public void plan(Exchange exchange) throws IOException {
        Cleaning cleaning = Cleaning.of(exchange);
        List<RunRecord> runs = history.read();
        Instant last = runs.stream()
                .filter(run -> run.activity().equals(ACTIVITY))
                .map(RunRecord::started)
                .reduce((earlier, later) -> later)
                .orElse(null);
        boolean here = cleaning.store().equals(Store.LOCAL);
        Set<BackupId> damaged = RunRecord.damagedIn(cleaning.store(), runs);
        RetentionPlan plan = Retention.plan(
                cleaning.contents(
                        here ? Set.of() : localBackups(), here ? fresh(cleaning) : Set.of(), running(), damaged),
                RetentionSettings.of(settings, cleaning.store()),
                clock.instant(),
                last);
        cleaning.planned(plan);
        exchange.getMessage().setBody(plan);
    }

    private Set<BackupId> localBackups() throws IOException {
        Set<BackupId> ids = new HashSet<>();
        for (String kind : List.of(Layout.FULL, Layout.BASE, Layout.INCREMENTAL)) {
            local.list(kind).forEach(path -> Layout.backupOf(path).ifPresent(ids::add));
        }
        return ids;
    }

    /** Files of what has no manifest yet that were written within the last day. */
    private Set<String> fresh(Cleaning cleaning) {
        Set<String> whole =
                cleaning.manifestPaths().stream().map(Layout::folder).collect(Collectors.toSet());
        Instant since = clock.instant().minus(Duration.ofDays(1));
        return cleaning.backups().stream()
                .filter(path -> !whole.contains(Layout.folder(path)) || DurableFile.isUnfinished(path))
                .filter(path -> writtenAfter(local.root().resolve(path), since))
                .collect(Collectors.toSet());
    }

    private static boolean writtenAfter(Path file, Instant since) {
        try {
            return Files.getLastModifiedTime(file).toInstant().isAfter(since);
        } catch (IOException e) {
            return false; // it went meanwhile
        }
    }

    /** The kinds of what is being made. */
    private Set<String> running() throws IOException {
        return local.running().all().stream().map(BackupId::kind).collect(Collectors.toSet());
    }

    /** An item of the plan is gone, with all its files. */
    public void gone(Exchange exchange) {
        Cleaning.of(exchange).went();
    }

    /** The body becomes how it ended in this store. */
    public void outcome(Exchange exchange) {
        exchange.getMessage().setBody(CleanupOutcome.of(Cleaning.of(exchange)));
    }

    /** As {@link #outcome}, where something failed: that store is left as it is, the others go on. */
    public void failed(Exchange exchange) {
        Failure failure = Failures.of(exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class));
        exchange.getMessage()
                .setBody(CleanupOutcome.of(Cleaning.of(exchange)).failed(failure.getMessage(), failure.hint()));
    }

    /** The body is the outcomes of all stores. A dry run is a question and leaves no record. */
    public void record(Exchange exchange) throws IOException {
        if (isDryRun(exchange)) {
            return;
        }
        List<?> outcomes = exchange.getMessage().getBody(List.class);
        Optional<String> error = outcomes.stream()
                .map(CleanupOutcome.class::cast)
                .flatMap(outcome -> problem(outcome).stream())
                .reduce((one, more) -> one + "; " + more);
        Instant began = Instant.ofEpochMilli(exchange.getClock().getCreated());
        long took = Duration.between(began, clock.instant()).toMillis();
        history.append(new RunRecord(ACTIVITY, clock.instant(), took, null, null, error.orElse(null)));
        (error.isPresent() ? LOG.atError() : LOG.atInfo())
                .addKeyValue("duration", took)
                .log(error.map(why -> "Cleanup failed: " + why).orElse("Cleanup completed successfully"));
    }

    private static Optional<String> problem(CleanupOutcome outcome) {
        String why = outcome.isRefused() ? outcome.plan().refusal() : outcome.error();
        return Optional.ofNullable(why).map(text -> outcome.store() + ": " + text);
    }
}
