package io.bactrian.pipeline;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import io.bactrian.repository.Store;
import io.bactrian.repository.Survey;
import java.io.IOException;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The {@code chains} step: reads the manifests of all bases and incrementals. One that cannot be believed does not keep the others
 * from being read: the chain then has a gap there, unless another store has a better copy.
 */
public final class ReadChains {
    private static final Logger LOG = LoggerFactory.getLogger(ReadChains.class);

    private final StoreCache cache;

    ReadChains(StoreCache cache) {
        this.cache = cache;
    }

    /** The body becomes the list of stores that this run may read. */
    public void stores(Exchange exchange) {
        exchange.getMessage().setBody(Sources.allowed(exchange));
    }

    public void found(Exchange exchange) {
        Catalogue.of(exchange.getProperty(Survey.PROPERTY, Survey.class).requireAnswer())
                .on(exchange);
    }

    public void next(Exchange exchange) {
        Catalogue.of(exchange).first().read(exchange);
    }

    public void keep(Exchange exchange) {
        Catalogue.of(exchange).with(Reading.of(exchange).manifest()).on(exchange);
    }

    /** The exchange carries the exception. What is wrong with this manifest only ends here; what is wrong with all goes on. */
    public void judge(Exchange exchange) throws IOException {
        Failure why = Failures.of(exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class));
        Catalogue.Entry entry = Catalogue.of(exchange).first();
        Store store = entry.stores().get(0);
        boolean onlyThisOne = why.exitCode() == ExitCode.INTEGRITY || !store.equals(Store.LOCAL);
        if (!onlyThisOne) {
            throw why;
        }
        Reading reading = Reading.of(exchange);
        cache.forget(store, reading.manifestPath());
        cache.forget(store, reading.voucherPath());
        LOG.atWarn()
                .addKeyValue("backupId", entry.id().text())
                .log("{} as {} has it is left out: {}", entry.id(), store.name(), why.getMessage());
        Catalogue.of(exchange).without(why.getMessage()).on(exchange);
    }
}
