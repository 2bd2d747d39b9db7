package io.bactrian.pipeline;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.Failure;
import io.bactrian.config.RetentionSettings;
import io.bactrian.config.Settings;
import io.bactrian.repository.BackupId;
import io.bactrian.repository.Holding;
import io.bactrian.repository.Inventory;
import io.bactrian.repository.Json;
import io.bactrian.repository.LocalStore;
import io.bactrian.repository.Manifest;
import io.bactrian.repository.ReplicationPlan;
import io.bactrian.repository.Store;
import io.bactrian.repository.Survey;
import io.bactrian.repository.Transfer;
import io.bactrian.repository.Verdict;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.Exchange;

/** The {@code replicate} step: brings other stores what the local one has, file by file, to all that lack it at once. */
public final class Replicate {
    /** The exchange property with the stores to bring up to date; without it all that there are. */
    public static final String TARGETS = "targets";

    private static final String UNDER_WAY = "underWay";
    private static final String PUBLIC_KEY = ".public.asc";

    private final Settings settings;
    private final LocalStore store;
    private final StoreCache cache;
    private final Clock clock;
    private final ObjectMapper json = Json.mapper();

    Replicate(Settings settings, LocalStore store, StoreCache cache, Clock clock) {
        this.settings = settings;
        this.store = store;
        this.cache = cache;
        this.clock = clock;
    }

    /** The body becomes the list of stores that are to be looked at; of other stores than the local one there may be none. */
    public void begin(Exchange exchange) {
        List<?> targets = exchange.getProperty(TARGETS, settings.furtherStores(), List.class);
        List<Store> all = new ArrayList<>(List.of(Store.LOCAL));
        targets.forEach(target -> all.add((Store) target));
        Replication.to(all.subList(1, all.size()), Mend.unmended(exchange)).on(exchange);
        Sending.begin(exchange, store.running());
        exchange.getMessage().setBody(all);
    }

    public void plan(Exchange exchange) {
        Survey survey = exchange.getProperty(Survey.PROPERTY, Survey.class);
        BackupId again = exchange.getProperty(Mend.AGAIN, BackupId.class);
        if (again != null) {
            survey = survey.withoutCopies(again);
            exchange.setProperty(Survey.PROPERTY, survey);
        }
        Backup backup = Backup.of(exchange);
        Instant first = backup == null ? Instant.MAX : backup.started();
        ReplicationPlan plan = ReplicationPlan.of(survey);
        Map<String, Path> lacking = cache.manifests(survey);
        lacking.keySet().retainAll(plan.lacking());
        List<Manifest> manifests = Inventory.read(lacking).manifests();
        Replication replication = Replication.of(exchange);
        for (Holding holding : survey.further()) {
            if (!holding.answered()) {
                replication = replication.withOut(
                        holding.store(), holding.unreachable().getMessage());
            }
        }
        replication
                .planned(
                        plan.identity(path -> settings.keysInStores() || path.endsWith(PUBLIC_KEY)),
                        plan.backups(
                                manifests,
                                first,
                                (target, manifest) ->
                                        RetentionSettings.wants(settings, target, manifest, clock.instant())))
                .on(exchange);
    }

    /** The body becomes the next file, or null where there is none that could be sent. */
    public void next(Exchange exchange) throws IOException {
        Replication replication = Replication.of(exchange);
        exchange.getMessage().setBody(null);
        if (replication.files().isEmpty()) {
            expand(replication, exchange);
            return;
        }
        Transfer file = replication.files().get(0);
        exchange.getMessage().setHeader(Exchange.FILE_NAME, file.path());
        exchange.removeProperty(Verdict.PROPERTY);
        try {
            File local = store.get(file.path());
            if (file.sha256() != null) {
                exchange.setProperty(Verdict.PROPERTY, Verdict.of(() -> {
                    CheckStored.check(local, file.bytes(), file.sha256());
                    return null;
                }));
            }
            exchange.getMessage().setBody(local);
        } catch (Failure e) {
            ReplicationPlan.Lack underWay = underWay(exchange);
            if (underWay == null) {
                throw e;
            }
            replication.withoutBackup(underWay.id(), e.getMessage()).on(exchange);
        }
    }

    private static ReplicationPlan.Lack underWay(Exchange exchange) {
        return exchange.getProperty(UNDER_WAY, ReplicationPlan.Lack.class);
    }

    private void expand(Replication replication, Exchange exchange) throws IOException {
        ReplicationPlan.Lack lack = replication.backups().get(0);
        exchange.setProperty(UNDER_WAY, lack);
        Sending.of(exchange).next(lack.id());
        Survey survey = exchange.getProperty(Survey.PROPERTY, Survey.class);
        try {
            Manifest manifest = json.readValue(store.get(lack.folder() + "/" + Manifest.FILE_NAME), Manifest.class);
            replication
                    .sending(ReplicationPlan.of(survey).files(lack, manifest))
                    .on(exchange);
        } catch (IOException | Failure e) {
            replication.withoutBackup(lack.id(), e.getMessage()).on(exchange);
        }
    }

    /** The body is one of the stores that the file goes to, and becomes the file. */
    public void one(Exchange exchange) {
        exchange.setProperty(Store.PROPERTY, exchange.getMessage().getBody(Store.class));
        Transfer file = Replication.of(exchange).files().get(0);
        exchange.getMessage().setBody(store.get(file.path()));
    }

    /** The body becomes the outcome. */
    public void stored(Exchange exchange) {
        exchange.getMessage().setBody(new Replication.Outcome(target(exchange), null));
    }

    /** A store that cannot take back what it was sent is sent only what is known to be whole. */
    public void whole(Exchange exchange) throws IOException {
        Verdict.await(exchange);
    }

    /** The exchange carries the exception; the body becomes the outcome. */
    public void refused(Exchange exchange) {
        exchange.getMessage().setBody(new Replication.Outcome(target(exchange), why(exchange)));
    }

    private static Store target(Exchange exchange) {
        return exchange.getProperty(Store.PROPERTY, Store.class);
    }

    private static String why(Exchange exchange) {
        return Failures.of(exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class))
                .getMessage();
    }

    /** The body is the outcome of each store. If the file is damaged, that is no fault of theirs: its backup cannot be sent. */
    public void outcomes(Exchange exchange) throws IOException {
        Replication replication = Replication.of(exchange);
        Optional<Throwable> damage = Verdict.failure(exchange);
        if (damage.isPresent()) {
            replication
                    .withoutBackup(
                            underWay(exchange).id(), Failures.of(damage.get()).getMessage())
                    .on(exchange);
            return;
        }
        List<Replication.Outcome> outcomes = new ArrayList<>();
        for (Object outcome : exchange.getMessage().getBody(List.class)) {
            outcomes.add((Replication.Outcome) outcome);
        }
        boolean isManifest = replication.files().get(0).path().endsWith("/" + Manifest.FILE_NAME);
        replication.answered(outcomes, isManifest).on(exchange);
    }

    /** The exchange carries the exception: nothing more is sent in this run. */
    public void giveUp(Exchange exchange) {
        Replication replication = Replication.of(exchange);
        for (Store target : replication.targets()) {
            replication = replication.withOut(target, why(exchange));
        }
        replication.on(exchange);
    }
}
