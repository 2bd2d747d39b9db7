package io.bactrian.cli;

import io.bactrian.config.Settings;
import io.bactrian.pipeline.Pipeline;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.function.Function;
import org.apache.camel.Exchange;

/** What every command does: read the settings, start the pipeline, send one exchange, stop. */
final class Invocation {
    private Invocation() {}

    static Settings settings() {
        Settings settings = Settings.read(home(), System.getenv());
        Logging.configure(settings.logFile(), settings.logLevel(), terminal());
        return settings;
    }

    static Exchange call(String route, Map<String, Object> properties) {
        return call(route, settings -> properties);
    }

    /** @param properties of the exchange, by what the settings say */
    static Exchange call(String route, Function<Settings, Map<String, Object>> properties) {
        Settings settings = settings();
        return call(settings, route, properties.apply(settings));
    }

    static Exchange call(Settings settings, String route, Map<String, Object> properties) {
        try (Pipeline pipeline = Pipeline.startWithStores(settings, Clock.systemUTC(), terminal())) {
            return pipeline.call(route, properties);
        }
    }

    /** The folder of the launcher, with application.properties and routes/. */
    static Path home() {
        return Path.of(System.getProperty("bactrian.home", "")).toAbsolutePath();
    }

    static boolean terminal() {
        return System.getenv("BACTRIAN_TERMINAL") != null;
    }
}
