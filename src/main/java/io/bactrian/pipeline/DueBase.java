package io.bactrian.pipeline;

import io.bactrian.config.Setting;
import io.bactrian.config.Settings;
import io.bactrian.repository.Chain;
import io.bactrian.repository.LocalStore;
import io.bactrian.repository.Manifest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** The {@code dueBase} step: whether this full takes a base, by BACKUP_BASE_EVERY. A server without a chain always gets one. */
final class DueBase implements Processor {
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
        Optional<Duration> every = settings.baseEvery();
        Optional<Manifest> younger = Optional.empty();
        if (every.isPresent()) {
            Instant limit = clock.instant().minus(every.get());
            younger = open(Continuation.find(
                            ClusterServer.choose(settings, Backup.of(exchange).server()), store, keys))
                    .flatMap(Chain::newestBase)
                    .filter(base -> base.started().isAfter(limit));
        }
        younger.map(base -> Pitr.notDue(
                        base.id() + " is younger than BACKUP_BASE_EVERY=" + settings.get(Setting.BACKUP_BASE_EVERY)))
                .orElseGet(Pitr::baseDue)
                .on(exchange);
    }

    /** The chain that a base may join. */
    static Optional<Chain> open(Continuation found) {
        return found.chain().filter(chain -> found.broken().isEmpty());
    }
}
