package io.bactrian.pipeline;

import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import org.apache.camel.CamelContext;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;

/** The routes of one kind of store, and those that choose between them, in a Camel of their own. */
final class RoutesOfAStore implements AutoCloseable {
    private final CamelContext camel = new DefaultCamelContext();

    /** @param files names in {@code routes/}, or paths */
    RoutesOfAStore(Map<String, Object> beans, Map<String, String> properties, String... files) throws Exception {
        Properties given = new Properties();
        given.putAll(properties);
        camel.getPropertiesComponent().setInitialProperties(given);
        camel.setStreamCaching(false);
        beans.forEach((name, bean) -> camel.getRegistry().bind(name, bean));
        for (String file : files) {
            Path path = Path.of("routes").resolve(file);
            PluginHelper.getRoutesLoader(camel)
                    .loadRoutes(ResourceHelper.resolveMandatoryResource(camel, "file:" + path.toAbsolutePath()));
        }
        camel.start();
    }

    ProducerTemplate template() {
        return camel.createProducerTemplate();
    }

    @Override
    public void close() {
        camel.stop();
    }
}
