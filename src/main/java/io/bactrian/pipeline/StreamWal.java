package io.bactrian.pipeline;

import io.bactrian.Failure;
import io.bactrian.alert.Alert;
import io.bactrian.alert.Outbox;
import io.bactrian.config.PitrMode;
import io.bactrian.config.Settings;
import io.bactrian.config.WalSettings;
import io.bactrian.postgres.Cluster;
import io.bactrian.postgres.DatabaseUrl;
import io.bactrian.postgres.Replication;
import io.bactrian.postgres.ReplicationSlot;
import io.bactrian.postgres.Server;
import io.bactrian.postgres.WalCut;
import io.bactrian.repository.BackupId;
import io.bactrian.repository.Exclusive;
import io.bactrian.repository.Layout;
import io.bactrian.repository.LocalStore;
import io.bactrian.repository.RunLock;
import io.bactrian.repository.StreamedJournal;
import io.bactrian.repository.StreamedWal;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The {@code streaming} step: between two incrementals, what has been committed is cut off and stored again and again, and noted in
 * a journal that the second one takes over. The server holds all of it until then.
 */
public final class StreamWal {
    private static final Logger LOG = LoggerFactory.getLogger(StreamWal.class);
    private static final String SUBJECT = "WAL streaming";
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(10);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
    private static final int LONGEST_DOUBLING = 3;
    /** So much of what the slot may hold: an incremental then lets go of it, whatever its schedule. */
    private static final int SHARE_OF_SLOT = 4;

    /** What is to be done, for routes. */
    public enum Pass {
        /** Nothing: no chain, somebody else stores WAL, or nothing has been committed. */
        IDLE,
        /** Cut, and store what lies before. */
        RECEIVE,
        /** An incremental has to see to it: the journal is long, the timeline another, or the chain cannot go on. */
        CLOSE
    }

    /**
     * @param since when it began; null if there is none
     * @param failures in a row
     * @param again nothing is tried before
     */
    private record Trouble(Instant since, int failures, Instant again) {
        private static final Trouble NONE = new Trouble(null, 0, Instant.MIN);
    }

    private final Settings settings;
    private final LocalStore store;
    private final Keys keys;
    private final Outbox outbox;
    private final Unattended unattended;
    private final Clock clock;
    private final StreamedJournal journal;
    private final AtomicReference<Trouble> trouble = new AtomicReference<>(Trouble.NONE);

    StreamWal(Settings settings, LocalStore store, Keys keys, Outbox outbox, Unattended unattended, Clock clock) {
        this.settings = settings;
        this.store = store;
        this.keys = keys;
        this.outbox = outbox;
        this.unattended = unattended;
        this.clock = clock;
        this.journal = new StreamedJournal(store.root());
    }

    public boolean isDue() {
        return WalSettings.streaming(settings)
                && settings.pitr() != PitrMode.OFF
                && !unattended.isOver()
                && !unattended.others().contains("incremental")
                && !trouble.get().again().isAfter(clock.instant())
                && Files.exists(store.root().resolve(Layout.REPOSITORY));
    }

    /** Finds out what there is to do, and prepares it. */
    public Pass begin(Exchange exchange) throws SQLException, IOException {
        Server server = Server.choose(DatabaseUrl.parse(settings.clusterUrl(), settings.environment()));
        try (Replication replication = Replication.connect(server);
                Connection connection = server.connect()) {
            Cluster cluster = Cluster.of(replication, connection);
            Optional<RunLock> lock = RunLock.tryAcquire(store.root(), Exclusive.ofIncremental(cluster.systemId()));
            if (lock.isEmpty()) {
                return Pass.IDLE;
            }
            exchange.setProperty(BeginIncremental.LOCK, Resources.closeAfter(exchange, lock.get()));
            Pass next = next(exchange, server, cluster, connection);
            if (next != Pass.RECEIVE) {
                lock.get().close();
            }
            return next;
        }
    }

    private Pass next(Exchange exchange, Server server, Cluster cluster, Connection connection)
            throws SQLException, IOException {
        StreamedWal known = journal.read(cluster.systemId()).orElse(null);
        if (known == null || !isNewest(known)) {
            return first(exchange, server, connection);
        }
        if (known.lastSegment().timeline() != cluster.timeline()
                || cluster.flushed().isBefore(known.lastSegment().end())
                || known.bytes() > most(connection)) {
            return Pass.CLOSE;
        }
        WalCut cut = known.cut();
        return cut != null && cut.seen().equals(WalCut.transactions(connection))
                ? Pass.IDLE
                : receive(exchange, server, known);
    }

    /** Whether no incremental was recorded meanwhile. */
    private boolean isNewest(StreamedWal known) throws IOException {
        return new StoredChains(store, keys)
                .newestIncremental(known.systemId())
                .equals(Optional.ofNullable(known.follows()));
    }

    private Pass first(Exchange exchange, Server server, Connection connection) throws SQLException, IOException {
        Continuation found = Continuation.find(server, store, keys);
        if (found.chain().isEmpty()) {
            trouble.set(new Trouble(null, 0, clock.instant().plus(LONGEST_PAUSE)));
            return Pass.IDLE;
        }
        StreamedWal begun = found.begin();
        if (found.broken().isPresent()
                || begun.lastSegment().timeline() != found.cluster().timeline()) {
            return Pass.CLOSE;
        }
        found.slot().hold(connection);
        keys.prepare();
        journal.write(begun);
        return receive(exchange, server, begun);
    }

    private long most(Connection connection) throws SQLException {
        return Math.min(settings.slotMaxWal(), ReplicationSlot.serversBound(connection)) / SHARE_OF_SLOT;
    }

    private Pass receive(Exchange exchange, Server server, StreamedWal known) throws IOException {
        WalWork work = WalWork.of(known, ReplicationSlot.ofRepository(store.created()));
        WalReception reception = WalReception.after(known.segmentBefore(), null, known.follows(), known.histories())
                .after(known);
        BackupId id = BackupId.incremental(clock.instant());
        Backup.begun(id, Layout.incremental(known.systemId(), id), id.began(), server, null)
                .withWal(work.withReception(reception))
                .on(exchange);
        return Pass.RECEIVE;
    }

    /** Everything before the cut is stored. */
    public Pass note(Exchange exchange) throws IOException {
        Backup backup = Backup.of(exchange);
        WalReception reception = backup.wal().reception();
        if (reception.isIntact()) {
            journal.write(backup.wal().streamed().plus(backup.artifacts(), reception.last(), reception.cut()));
        }
        leave(exchange);
        return reception.isIntact() ? Pass.IDLE : Pass.CLOSE;
    }

    /** Whoever comes next begins anew. */
    private static void leave(Exchange exchange) throws IOException {
        exchange.removeProperty(Backup.PROPERTY);
        RunLock lock = exchange.getProperty(BeginIncremental.LOCK, RunLock.class);
        if (lock != null) {
            lock.close();
        }
    }

    /** What there is to tell now that it goes well: that trouble is over. */
    public List<Alert> done() {
        if (trouble.get().failures() > 0) {
            trouble.set(Trouble.NONE);
            LOG.info("WAL is streamed again");
        }
        return Optional.ofNullable(outbox.recovered(subject(), "WAL comes again")).stream()
                .toList();
    }

    /** The exchange carries the exception. What there is to tell: trouble that goes on for too long. */
    public List<Alert> failed(Exchange exchange) throws IOException {
        Failure failure = Failures.caught(exchange);
        leave(exchange);
        if (unattended.isOver()) {
            return List.of();
        }
        Instant now = clock.instant();
        Trouble before = trouble.get();
        int failures = before.failures() + 1;
        Instant since = before.since() == null ? now : before.since();
        Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(failures - 1, LONGEST_DOUBLING));
        Instant again = now.plus(pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause);
        trouble.set(new Trouble(since, failures, again));
        if (failures == 1) {
            LOG.atWarn()
                    .addKeyValue("hint", failure.hint())
                    .log("WAL is not streamed, which is tried again all the while: {}", failure.getMessage());
        }
        return since.plus(WalSettings.patience(settings)).isAfter(now)
                ? List.of()
                : List.of(Alert.failure(
                                subject(), "since " + since + " no WAL comes: " + failure.getMessage(), failure.hint())
                        .next(again));
    }

    private String subject() {
        return Alerts.subject(settings, SUBJECT);
    }

    /** Whether something was streamed that no manifest lists: should the server be gone for good, it is all there is. */
    public boolean isToSave() throws IOException {
        return !unattended.isOver() && Streamed.from(settings, store, keys).isPresent();
    }

    /** The exchange carries the exception: an incremental without a server ends with one, in any case. */
    public void saved(Exchange exchange) {
        LOG.atWarn().log("{}", Failures.caught(exchange).getMessage());
    }
}
