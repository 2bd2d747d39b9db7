package io.bactrian.pipeline;

import io.bactrian.config.Settings;
import io.bactrian.repository.Health;
import io.bactrian.repository.History;
import io.bactrian.repository.Inventory;
import io.bactrian.repository.LocalStore;
import java.time.Clock;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** The {@code status} step: the body is the listings of the store, and becomes the {@link io.bactrian.repository.Status}. */
final class MakeStatus implements Processor {
    private final Settings settings;
    private final LocalStore store;
    private final History history;
    private final Clock clock;

    MakeStatus(Settings settings, LocalStore store, History history, Clock clock) {
        this.settings = settings;
        this.store = store;
        this.history = history;
        this.clock = clock;
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        Inventory inventory = Inventory.read(store, Listings.of(exchange));
        Health.Limits limits = new Health.Limits(settings.maxAge(), settings.maxWalAge());
        exchange.getMessage().setBody(Health.assess(inventory, history.read(), limits, clock.instant()));
    }
}
