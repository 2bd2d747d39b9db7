package io.bactrian.pipeline;

import io.bactrian.Failure;
import org.apache.camel.Exchange;

/** The {@code missingBase} step: a base failed. Its full is recorded without it, and then the run fails, loudly. */
public final class MissingBase {
    private static final String CAUSE = "missingBase";

    /** The exchange carries the exception; the full takes its place again. */
    public void giveUp(Exchange exchange) {
        Failure cause = Failures.of(exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class));
        exchange.setProperty(CAUSE, cause);
        Backup full = Backup.of(exchange);
        while (full.within() != null) {
            full = full.within();
        }
        full.on(exchange);
    }

    public void fail(Exchange exchange) {
        Failure cause = exchange.getProperty(CAUSE, Failure.class);
        throw new Failure(
                cause.exitCode(),
                Backup.of(exchange).id() + " is stored, but without a base for point-in-time recovery: "
                        + cause.getMessage(),
                cause.hint(),
                cause);
    }
}
