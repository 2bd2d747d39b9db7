package io.bactrian.pipeline;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.io.IOException;
import java.util.List;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The {@code chains} step: reads the manifests of all bases and incrementals. One that cannot be believed does not keep the others
 * from being read: the chain then has a gap there.
 */
public final class ReadChains {
    private static final Logger LOG = LoggerFactory.getLogger(ReadChains.class);

    private final Authenticate authenticate;

    ReadChains(Authenticate authenticate) {
        this.authenticate = authenticate;
    }

    /** The body is the listing of one kind. */
    public void found(Exchange exchange) {
        Catalogue.of(exchange)
                .listing(exchange.getMessage().getBody(List.class))
                .on(exchange);
    }

    public void next(Exchange exchange) {
        Catalogue catalogue = Catalogue.of(exchange);
        Catalogue.Entry entry = catalogue.left().get(0);
        Reading.of(entry.id().text(), Reading.READ)
                .chosen(entry.id(), entry.folder(), entry.voucher())
                .on(exchange);
        catalogue.withoutFirst().on(exchange);
    }

    /** The body is what vouches for the manifest. */
    public void judge(Exchange exchange) throws IOException {
        Catalogue catalogue = Catalogue.of(exchange);
        try {
            authenticate.voucher(exchange);
            catalogue.with(Reading.of(exchange).manifest()).on(exchange);
        } catch (Failure e) {
            if (e.exitCode() != ExitCode.INTEGRITY) {
                throw e;
            }
            LOG.atWarn()
                    .addKeyValue("backupId", Reading.of(exchange).id().text())
                    .log("left out: {}", e.getMessage());
            catalogue.without(e.getMessage()).on(exchange);
        }
    }
}
