package io.bactrian.pipeline;

import io.bactrian.config.RetentionSettings;
import io.bactrian.config.Settings;
import io.bactrian.repository.Health;
import io.bactrian.repository.History;
import io.bactrian.repository.Inventory;
import io.bactrian.repository.OutlineCache;
import io.bactrian.repository.Survey;
import java.time.Clock;
import java.time.Instant;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** The {@code status} step: the body becomes the {@link io.bactrian.repository.Status} of what the surveyed stores hold together. */
final class MakeStatus implements Processor {
    private final Settings settings;
    private final StoreCache cache;
    private final History history;
    private final Clock clock;

    MakeStatus(Settings settings, StoreCache cache, History history, Clock clock) {
        this.settings = settings;
        this.cache = cache;
        this.history = history;
        this.clock = clock;
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        Survey survey = exchange.getProperty(Survey.PROPERTY, Survey.class).requireAnswer();
        Inventory inventory = Inventory.read(cache.manifests(survey), new OutlineCache(settings.directory()));
        Health.Limits limits = new Health.Limits(settings.maxAge(), settings.maxWalAge());
        Instant now = clock.instant();
        exchange.getMessage()
                .setBody(Health.assess(
                        inventory,
                        survey,
                        (store, backup) -> RetentionSettings.wants(settings, store, backup, now),
                        history.read(),
                        limits,
                        now));
    }
}
