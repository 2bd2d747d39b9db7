package io.bactrian.pipeline;

import io.bactrian.Failure;
import io.bactrian.repository.History;
import io.bactrian.repository.LocalStore;
import io.bactrian.repository.RunRecord;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/** Writes to history and log how a run ended. */
public final class RecordRun {
    private static final Logger LOG = LoggerFactory.getLogger(RecordRun.class);

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
        LOG.atInfo()
                .addKeyValue("backupId", backup.id().text())
                .addKeyValue("size", backup.manifest().storedBytes())
                .addKeyValue("duration", backup.manifest().durationMillis())
                .addKeyValue("path", store.root().resolve(backup.folder()).toString())
                .log("Full backup completed successfully");
        history.append(
                new RunRecord("full", backup.started(), backup.manifest().durationMillis(), backup.id(), null, null));
    }

    public void test(Exchange exchange) throws IOException {
        Reading reading = Reading.of(exchange);
        long took = sinceCreated(exchange);
        LOG.atInfo()
                .addKeyValue("backupId", reading.id().text())
                .addKeyValue("testLevel", reading.level())
                .addKeyValue("duration", took)
                .log("Integrity test passed");
        history.append(new RunRecord("test", began(exchange), took, reading.id(), reading.level(), null));
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
        history.append(
                new RunRecord("restore", restore.started(), took, reading == null ? null : reading.id(), null, null));
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
        Throwable caught = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        Failure failure = Failures.of(caught);
        Backup backup = Backup.of(exchange);
        Reading reading = Reading.of(exchange);
        Restore restore = Restore.of(exchange);
        if (backup == null
                && reading == null
                && restore == null
                && Recovery.of(exchange) == null
                && !exchange.getFromRouteId().equals("backup-full")) {
            return; // a question, such as `status` or `check`: nothing was run
        }
        boolean recovering = Recovery.of(exchange) != null;
        boolean testing = reading != null && restore == null && !recovering;
        String activity = recovering ? "pitr" : testing ? "test" : restore != null ? "restore" : "full";
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
            history.append(new RunRecord(
                    activity,
                    began(exchange),
                    sinceCreated(exchange),
                    id,
                    testing ? reading.level() : null,
                    failure.getMessage()));
        } catch (IOException | RuntimeException e) {
            LOG.atWarn().log("cannot write the history: {}", e.getMessage());
        }
    }

    private static Instant began(Exchange exchange) {
        return Instant.ofEpochMilli(exchange.getClock().getCreated());
    }

    private long sinceCreated(Exchange exchange) {
        return Duration.between(began(exchange), clock.instant()).toMillis();
    }
}
