package io.bactrian.pipeline;

import io.bactrian.Failure;
import io.bactrian.config.S3Settings;
import io.bactrian.config.Settings;
import io.bactrian.config.Spelling;
import io.bactrian.crypto.NativeCrypto;
import io.bactrian.postgres.Guardian;
import io.bactrian.s3.S3Store;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.component.properties.PropertiesComponent;
import org.apache.camel.main.Main;
import org.apache.camel.model.ModelCamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Camel with the routes of {@code routes/}, started for one command. */
public final class Pipeline implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Pipeline.class);
    private static final long SECONDS_TO_STOP = 20;

    private final Main main;
    private final Guardian guardian;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread interrupted = new Thread(this::interrupted, "interrupted");

    private Pipeline(Main main, Guardian guardian) {
        this.main = main;
        this.guardian = guardian;
    }

    /** @throws Failure with exit code 2 if a route file is broken */
    public static Pipeline start(Settings settings, Clock clock, boolean terminal) {
        return start(settings, new Keys(settings, clock), buckets(settings, clock), clock, terminal, null);
    }

    /** As {@link #start}, for a run that asks further stores at once: their clients are made ready while Camel starts. */
    public static Pipeline startWithStores(Settings settings, Clock clock, boolean terminal) {
        S3Store s3 = buckets(settings, clock);
        s3.connectAhead();
        return start(settings, new Keys(settings, clock), s3, clock, terminal, null);
    }

    /** As {@link #start}, for a run that will need the repository's key and ciphers: they are made ready while Camel starts. */
    public static Pipeline startWithKey(Settings settings, Clock clock, boolean terminal) {
        return startWithKey(settings, clock, terminal, false);
    }

    /** As {@link #startWithKey}, for a run that reads backups. */
    public static Pipeline startToRead(Settings settings, Clock clock, boolean terminal) {
        return startWithKey(settings, clock, terminal, true);
    }

    private static Pipeline startWithKey(Settings settings, Clock clock, boolean terminal, boolean reading) {
        Keys keys = new Keys(settings, clock);
        keys.openAhead(reading);
        NativeCrypto.loadAhead();
        return start(settings, keys, buckets(settings, clock), clock, terminal, null);
    }

    /** With its schedules. */
    static Pipeline startUnattended(Settings settings, Clock clock, Unattended unattended) {
        return start(settings, new Keys(settings, clock), buckets(settings, clock), clock, false, unattended);
    }

    private static S3Store buckets(Settings settings, Clock clock) {
        return new S3Store(S3Settings.buckets(settings), clock);
    }

    private static Pipeline start(
            Settings settings, Keys keys, S3Store s3, Clock clock, boolean terminal, Unattended unattended) {
        RouteFiles routes = RouteFiles.in(settings.home().resolve("routes"), unattended != null);
        Spelling.check(settings, routes.placeholders()).forEach(LOG::warn);
        routes.validate();

        Guardian guardian = new Guardian();
        Main main = new Main();
        main.setDefaultPropertyPlaceholderLocation(
                "file:" + settings.home().resolve("application.properties") + ";optional=true");
        addProperties(main, settings);
        Channels.placeholders(settings).forEach(main::addInitialProperty);
        main.addInitialProperty("camel.main.routesCollectorEnabled", "false");
        // its keys are the very values that expressions looked into: hundreds of finished artifacts, with their buffers
        main.addInitialProperty("camel.component.bean.beanInfoCacheSize", "0");
        if (unattended != null) {
            main.addOverrideProperty("camel.main.name", unattended.name());
        }
        Wiring.beans(settings, keys, s3, guardian, clock, terminal, unattended).forEach(main::bind);
        main.bind("stepTimes", new StepTimes());
        Pipeline pipeline = new Pipeline(main, guardian);
        try {
            main.init();
            routes.load(pipeline.camel());
            RouteSteps steps = RouteSteps.of(pipeline.camel());
            routes.checkAllRead(steps);
            RouteCheck.check(pipeline.camel(), steps);
            StoreRoutes.check(pipeline.camel(), settings.furtherStores());
            StoreRoutes.leaveErrorsToCallers(pipeline.camel());
            main.start();
        } catch (Exception e) {
            Failure failure = RouteFailure.explain(e, pipeline.camel(), routes);
            pipeline.close();
            throw failure;
        }
        Runtime.getRuntime().addShutdownHook(pipeline.interrupted);
        return pipeline;
    }

    /** For Camel the environment goes before everything, but what one of several databases has of its own goes before that. */
    private static void addProperties(Main main, Settings settings) {
        if (settings.name().isEmpty()) {
            settings.forRoutes().forEach(main::addInitialProperty);
        } else {
            int fallback = PropertiesComponent.ENVIRONMENT_VARIABLES_MODE_FALLBACK;
            main.addInitialProperty("camel.component.properties.environmentVariableMode", String.valueOf(fallback));
            settings.forRoutes().forEach(main::addOverrideProperty);
        }
    }

    private ModelCamelContext camel() {
        return (ModelCamelContext) main.getCamelContext();
    }

    /** Sends an exchange with these properties through a route and returns it; throws what failed in it. */
    public Exchange call(String route, Map<String, Object> properties) {
        if (camel().getRouteDefinition(route) == null) {
            throw Failure.usage(
                    "there is no route \"" + route + "\"",
                    "This command begins with it: bring its file back into the folder `routes`.");
        }
        try (ProducerTemplate template = camel().createProducerTemplate()) {
            Exchange done = template.request("direct:" + route, exchange -> properties.forEach(exchange::setProperty));
            if (done.getException() != null) {
                throw Failures.of(done.getException());
            }
            return done;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ctrl-C or SIGTERM: ends the children, so that the run fails in order and cleans up, and waits for that. */
    private void interrupted() {
        guardian.close();
        try {
            if (!closed.await(SECONDS_TO_STOP, TimeUnit.SECONDS)) {
                LOG.warn("stopped before everything was cleaned up; the next run does the rest");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Raises an alert about what a schedule does. */
    void tell(String schedule, Failure failure) {
        send("notify", schedule, failure);
    }

    /** What a schedule does has gone well: if it was in trouble, that is over. */
    void tellSuccess(String schedule) {
        send("notify-success", schedule, null);
    }

    private void send(String route, String schedule, Object body) {
        try (ProducerTemplate template = camel().createProducerTemplate()) {
            template.sendBodyAndProperty("direct:" + route, body, TakeTurn.SCHEDULE, schedule);
        } catch (IOException | CamelExecutionException e) {
            LOG.error("cannot tell of {}: {}", schedule, Failures.of(e).getMessage());
        }
    }

    /** Whether nothing is under way in it. */
    boolean isIdle() {
        return camel().getInflightRepository().size() == 0;
    }

    @Override
    public void close() {
        try {
            main.stop();
            main.getCamelContext().getRegistry().findByType(S3Store.class).forEach(S3Store::close);
        } finally {
            guardian.close();
            closed.countDown();
            leaveNoHook();
        }
    }

    private void leaveNoHook() {
        try {
            Runtime.getRuntime().removeShutdownHook(interrupted);
        } catch (IllegalStateException e) {
            LOG.debug("the machine ends anyway");
        }
    }
}
