package io.bactrian.pipeline;

import io.bactrian.config.RetentionSettings;
import io.bactrian.config.Settings;
import io.bactrian.repository.ExpectedDatabase;
import io.bactrian.repository.Health;
import io.bactrian.repository.History;
import io.bactrian.repository.Holding;
import io.bactrian.repository.Inventory;
import io.bactrian.repository.OutlineCache;
import io.bactrian.repository.StreamedJournal;
import io.bactrian.repository.StreamedWal;
import io.bactrian.repository.Survey;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** The {@code status} step: the body becomes the {@link io.bactrian.repository.Status} of what the surveyed stores hold together. */
public final class MakeStatus implements Processor {
    /** The exchange property with the {@link Settings} of the databases that this repository is for. */
    public static final String DATABASES = "databases";

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
        Instant now = clock.instant();
        exchange.getMessage()
                .setBody(Health.assess(
                                expected(exchange),
                                inventory,
                                survey,
                                (store, backup) -> RetentionSettings.wants(settings, store, backup, now),
                                history.read(),
                                settings.maxWalAge(),
                                now)
                        .with(streamed(survey), now));
    }

    /** What lies in this machine's folder says nothing of what others hold. */
    private List<StreamedWal> streamed(Survey survey) throws IOException {
        return survey.holdings().stream().anyMatch(Holding::isLocal)
                ? new StreamedJournal(settings.directory()).all()
                : List.of();
    }

    private List<ExpectedDatabase> expected(Exchange exchange) {
        List<?> databases = exchange.getProperty(DATABASES, List.of(settings), List.class);
        return databases.stream()
                .map(Settings.class::cast)
                .map(one ->
                        new ExpectedDatabase(one.name(), DatabaseName.of(one).orElse(""), one.maxAge()))
                .toList();
    }
}
