package io.bactrian.pipeline;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import io.bactrian.repository.History;
import io.bactrian.repository.LocalStore;
import io.bactrian.repository.RunRecord;
import io.bactrian.repository.Store;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/** Writes to history and log how a run ended. */
public final class RecordRun {
    private static final Logger LOG = LoggerFactory.getLogger(RecordRun.class);

    /** The routes that a backup begins with, by command or by schedule. */
    private static final Pattern MAKES = Pattern.compile("(?:backup|schedule)-(full|incremental)");

    private final History history;
    private final LocalStore store;
    private final Clock clock;

    RecordRun(History history, LocalStore store, Clock clock) {
        this.history = history;
        this.store = store;
        this.clock = clock;
    }

    public void backup(Exchange exchange) throws IOException {
        Backup backup = Backup.of(exchange);
        if (backup.wal() != null
                && backup.wal().reception() != null
                && !backup.wal().reception().isIntact()) {
            LOG.atWarn()
                    .addKeyValue("backupId", backup.id().text())
                    .log(
                            "Chain {} closed: {}",
                            backup.wal().chain(),
                            backup.wal().reception().broken());
            return; // whoever closed it has a run of its own
        }
        LOG.atInfo()
                .addKeyValue("backupId", backup.id().text())
                .addKeyValue("size", backup.manifest().storedBytes())
                .addKeyValue("duration", backup.manifest().durationMillis())
                .addKeyValue("path", store.root().resolve(backup.folder()).toString())
                .log("{} backup completed successfully", capitalized(backup.id().kind()));
        history.append(new RunRecord(
                backup.id().kind(), backup.started(), backup.manifest().durationMillis(), backup.id(), null, null));
    }

    private static String capitalized(String word) {
        return Character.toUpperCase(word.charAt(0)) + word.substring(1);
    }

    public void test(Exchange exchange) throws IOException {
        Reading reading = Reading.of(exchange);
        long took = sinceCreated(exchange);
        LOG.atInfo()
                .addKeyValue("backupId", reading.id().text())
                .addKeyValue("testLevel", reading.level())
                .addKeyValue("duration", took)
                .log("Integrity test passed");
        history.append(new RunRecord("test", began(exchange), took, reading.id(), reading.level(), null)
                .readFrom(onlyStore(exchange)));
    }

    public void detach(Exchange exchange) throws IOException {
        long took = sinceCreated(exchange);
        LOG.atInfo().addKeyValue("duration", took).log(Detachment.of(exchange).outcome());
        history.append(new RunRecord("detach", began(exchange), took, null, null, null));
    }

    public void replication(Exchange exchange) throws IOException {
        Replication replication = Replication.of(exchange);
        long took = sinceCreated(exchange);
        replication.risks().forEach(risk -> LOG.atWarn().log("At risk: {}", risk));
        replication
                .sent()
                .forEach((target, count) -> LOG.atInfo()
                        .addKeyValue("store", target.name())
                        .log("{} backups copied to {}", count, target.name()));
        history.append(new RunRecord(
                "replicate",
                began(exchange),
                took,
                Optional.ofNullable(Backup.of(exchange)).map(Backup::id).orElse(null),
                null,
                replication.complete() ? null : String.join("; ", replication.risks())));
    }

    public void restore(Exchange exchange) throws IOException {
        Restore restore = Restore.of(exchange);
        Reading reading = Reading.of(exchange);
        long took = Duration.between(restore.started(), clock.instant()).toMillis();
        LoggingEventBuilder line = LOG.atInfo().addKeyValue("duration", took).addKeyValue("database", restore.target());
        if (reading != null) {
            line = line.addKeyValue("backupId", reading.id().text());
        }
        line.log("Restore completed successfully");
        history.append(new RunRecord(
                Recovery.of(exchange) == null ? "restore" : "pitr",
                restore.started(),
                took,
                reading == null ? null : reading.id(),
                null,
                null));
    }

    /** Of a whole cluster; one that ends in a database is a restore too. */
    public void recovery(Exchange exchange) throws IOException {
        Recovery recovery = Recovery.of(exchange);
        long took = Duration.between(recovery.started(), clock.instant()).toMillis();
        LOG.atInfo()
                .addKeyValue("backupId", recovery.plan().base().id().text())
                .addKeyValue("duration", took)
                .addKeyValue("path", recovery.dataDirectory().path().toString())
                .log("Point-in-time recovery completed successfully");
        history.append(new RunRecord(
                "pitr", recovery.started(), took, recovery.plan().base().id(), null, null));
    }

    /** The exchange carries the exception. A history that cannot be written must not hide what failed before. */
    public void failure(Exchange exchange) {
        if (Cleaning.of(exchange) != null) {
            return; // cleanup goes on with the next store, and tells of all in the end
        }
        Throwable caught = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        Failure failure = Failures.of(caught);
        Backup backup = outermost(Backup.of(exchange));
        Reading reading = Reading.of(exchange);
        Restore restore = Restore.of(exchange);
        boolean recovering = Recovery.of(exchange) != null;
        Optional<String> making = making(exchange, backup);
        if (making.isEmpty() && reading == null && restore == null && !recovering) {
            return; // a question, such as `status` or `check`: nothing was run
        }
        boolean testing = reading != null && restore == null && !recovering;
        String activity = recovering ? "pitr" : testing ? "test" : restore != null ? "restore" : making.orElseThrow();
        var id = reading != null && reading.id() != null ? reading.id() : backup == null ? null : backup.id();
        LoggingEventBuilder line = LOG.atError();
        if (Failures.foreseen(caught).isEmpty()) {
            line = line.setCause(caught);
        }
        if (id != null) {
            line = line.addKeyValue("backupId", id.text());
        }
        line.addKeyValue("hint", failure.hint()).log("{} failed: {}", activity, failure.getMessage());
        try {
            RunRecord run = new RunRecord(
                            activity,
                            began(exchange),
                            sinceCreated(exchange),
                            id,
                            testing ? reading.level() : null,
                            failure.getMessage())
                    .readFrom(testing ? onlyStore(exchange) : null);
            history.append(failure.exitCode() == ExitCode.INTEGRITY ? run.foundDamage() : run);
        } catch (IOException | RuntimeException e) {
            LOG.atWarn().log("cannot write the history: {}", e.getMessage());
        }
    }

    /** Its name; null if a run may read several. */
    private static String onlyStore(Exchange exchange) {
        List<Store> stores = Sources.allowed(exchange);
        return stores.size() == 1 ? stores.get(0).name() : null;
    }

    /** An incremental that fails makes the base that it is a part of fail. */
    private static Backup outermost(Backup backup) {
        return backup == null || backup.failsToo() == null ? backup : outermost(backup.failsToo());
    }

    /** The kind of backup that was being made, even if it never came so far as to have a name. */
    private static Optional<String> making(Exchange exchange, Backup backup) {
        Matcher route = MAKES.matcher(exchange.getFromRouteId());
        return backup != null
                ? Optional.of(backup.id().kind())
                : route.matches() ? Optional.of(route.group(1)) : Optional.empty();
    }

    private static Instant began(Exchange exchange) {
        return Instant.ofEpochMilli(exchange.getClock().getCreated());
    }

    private long sinceCreated(Exchange exchange) {
        return Duration.between(began(exchange), clock.instant()).toMillis();
    }
}
