package io.bactrian.pipeline;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import io.bactrian.config.Setting;
import io.bactrian.config.Settings;
import io.bactrian.postgres.Replication;
import io.bactrian.postgres.Server;
import io.bactrian.repository.Chain;
import io.bactrian.repository.Exclusive;
import io.bactrian.repository.LocalStore;
import io.bactrian.repository.Manifest;
import io.bactrian.repository.Origin;
import io.bactrian.repository.RunLock;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * The {@code dueBase} step: whether this full takes a base, by BACKUP_BASE_EVERY. Without that each full of a database has one that is
 * younger than the full before, its own or that of another database of the cluster. A cluster without a chain always gets one.
 */
final class DueBase implements Processor {
    /** For whoever moves the slot on. A base takes longer. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Settings settings;
    private final LocalStore store;
    private final Keys keys;
    private final Clock clock;

    DueBase(Settings settings, LocalStore store, Keys keys, Clock clock) {
        this.settings = settings;
        this.store = store;
        this.keys = keys;
        this.clock = clock;
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        Backup full = Backup.of(exchange);
        Server server = ClusterServer.choose(settings, full.server());
        Optional<RunLock> lock = lock(Replication.systemId(server));
        if (lock.isEmpty()) {
            Pitr.notDue("another run takes a base of the cluster just now").on(exchange);
            return;
        }
        exchange.setProperty(BeginBase.LOCK, Resources.closeAfter(exchange, lock.get()));
        Optional<Instant> since =
                settings.baseEvery().isPresent() ? settings.baseEvery().map(clock.instant()::minus) : previous(full);
        Optional<Manifest> younger = open(Continuation.find(server, store, keys))
                .flatMap(Chain::newestBase)
                .filter(base -> since.isEmpty() || base.started().isAfter(since.get()));
        if (younger.isPresent()) {
            lock.get().close();
        }
        younger.map(base -> Pitr.notDue(base.id() + why()))
                .orElseGet(Pitr::baseDue)
                .on(exchange);
    }

    private String why() {
        return settings.baseEvery().isPresent()
                ? " is younger than BACKUP_BASE_EVERY=" + settings.get(Setting.BACKUP_BASE_EVERY)
                : " of this cluster is younger than the full before";
    }

    private Optional<RunLock> lock(String systemId) throws IOException {
        try {
            return Optional.of(Exclusive.base(store.root(), systemId, PATIENCE));
        } catch (Failure busy) {
            if (busy.exitCode() == ExitCode.BUSY) {
                return Optional.empty();
            }
            throw busy;
        }
    }

    /** When the newest full of the same database ended. */
    private Optional<Instant> previous(Backup full) throws IOException {
        return StoredFulls.newestFirst(store)
                .filter(origin -> full.source().database().name().equals(origin.database())
                        && (origin.systemIdentifier() == null
                                || full.source().systemIdentifier() == null
                                || origin.systemIdentifier()
                                        .equals(full.source().systemIdentifier())))
                .findFirst()
                .map(Origin::finished);
    }

    /** The chain that a base may join. */
    static Optional<Chain> open(Continuation found) {
        return found.chain().filter(chain -> found.broken().isEmpty());
    }
}
