package io.bactrian.pipeline;

import org.apache.camel.Exchange;
import org.apache.camel.support.SynchronizationAdapter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ties what must be closed to the exchange, however it ends and whatever steps the route has. */
final class Resources {
    private static final Logger LOG = LoggerFactory.getLogger(Resources.class);

    private Resources() {}

    /** Closed when the exchange is done, last opened first. */
    static <T extends AutoCloseable> T closeAfter(Exchange exchange, T resource) {
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                try {
                    resource.close();
                } catch (Exception e) {
                    LOG.atWarn()
                            .addKeyValue("resource", resource.getClass().getSimpleName())
                            .log("could not close: {}", e.getMessage());
                }
            }
        });
        return resource;
    }
}
