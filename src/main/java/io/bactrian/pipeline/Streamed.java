package io.bactrian.pipeline;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import io.bactrian.config.Settings;
import io.bactrian.postgres.Cluster;
import io.bactrian.postgres.DatabaseUrl;
import io.bactrian.postgres.Host;
import io.bactrian.postgres.ReplicationSlot;
import io.bactrian.postgres.TimelineHistory;
import io.bactrian.repository.Chain;
import io.bactrian.repository.LocalStore;
import io.bactrian.repository.RunLock;
import io.bactrian.repository.StreamedJournal;
import io.bactrian.repository.StreamedWal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The {@code streamed} step: what the scheduler stored between two incrementals becomes a part of the second one. */
public final class Streamed {
    private static final Logger LOG = LoggerFactory.getLogger(Streamed.class);
    /** The exchange property with the failure of an incremental that lists what was streamed, as the server is not there. */
    private static final String UNREACHABLE = "unreachable";

    private final LocalStore store;

    Streamed(LocalStore store) {
        this.store = store;
    }

    /**
     * What was streamed after the end of a chain, if the server's log goes on from there. It does not after a failover to a standby
     * that had not received all of it: then the chain may still go on with what the server has.
     */
    static Optional<StreamedWal> of(LocalStore store, Chain chain, Cluster cluster, TimelineHistory history) {
        try {
            StreamedJournal journal = new StreamedJournal(store.root());
            Optional<StreamedWal> found = journal.read(chain.systemId());
            Optional<StreamedWal> usable = found.filter(streamed -> streamed.continues(chain)
                    && isOn(streamed, cluster, history)
                    && !streamed.artifacts().isEmpty());
            if (found.isPresent()
                    && usable.isEmpty()
                    && !found.get().artifacts().isEmpty()) {
                LOG.atWarn()
                        .addKeyValue("chain", chain.id().text())
                        .log("What was streamed is not what the server's log goes on from; it is fetched again");
            }
            return usable;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isOn(StreamedWal streamed, Cluster cluster, TimelineHistory history) {
        return streamed.segmentBytes() == cluster.segmentBytes()
                && history.contains(
                        streamed.lastSegment().timeline(),
                        streamed.lastSegment().end())
                && !cluster.flushed().isBefore(streamed.lastSegment().end());
    }

    /** Begins an incremental that lists what was streamed from a server that is gone; false if there is nothing. */
    static boolean beginWithoutServer(
            Exchange exchange, Settings settings, LocalStore store, Keys keys, Failure unreachable) throws IOException {
        if (unreachable.exitCode() != ExitCode.PRECONDITION) {
            return false;
        }
        Optional<StreamedWal> found = from(settings, store, keys);
        if (found.isEmpty()) {
            return false;
        }
        BeginIncremental.lock(exchange, store, found.get().systemId(), Duration.ZERO);
        Optional<StreamedWal> streamed = from(settings, store, keys); // nobody else is at it now
        if (streamed.isEmpty()) {
            exchange.getProperty(BeginIncremental.LOCK, RunLock.class).close();
            return false;
        }
        ReplicationSlot slot = ReplicationSlot.ofRepository(store.created());
        BeginIncremental.begin(exchange, store, null, WalWork.of(streamed.get(), slot), null);
        exchange.setProperty(UNREACHABLE, unreachable);
        return true;
    }

    /** What was streamed from a server of the URL, and goes on where a chain ends. */
    static Optional<StreamedWal> from(Settings settings, LocalStore store, Keys keys) throws IOException {
        DatabaseUrl url = DatabaseUrl.parse(settings.clusterUrl(), settings.environment());
        for (StreamedWal streamed : new StreamedJournal(store.root()).all()) {
            boolean ours = url.hosts().stream().map(Host::toString).anyMatch(streamed.server()::equals);
            if (ours
                    && !streamed.artifacts().isEmpty()
                    && new StoredChains(store, keys)
                            .all().stream().anyMatch(chain -> chain.isOpen() && streamed.continues(chain))) {
                return Optional.of(streamed);
            }
        }
        return Optional.empty();
    }

    /** A manifest lists it now. */
    public void forget(Exchange exchange) throws IOException {
        new StreamedJournal(store.root()).remove(Backup.of(exchange).wal().systemId());
    }

    /** An incremental without a server is better than none, and yet a failure. */
    public void demandServer(Exchange exchange) {
        Failure unreachable = exchange.getProperty(UNREACHABLE, Failure.class);
        if (unreachable != null) {
            Backup backup = Backup.of(exchange);
            throw new Failure(
                    unreachable.exitCode(),
                    unreachable.getMessage() + "; what was streamed from it until "
                            + backup.wal().streamed().cut().time() + " can be recovered: it is listed in "
                            + backup.id(),
                    unreachable.hint(),
                    unreachable);
        }
    }
}
