package io.bactrian.pipeline;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.sql.SQLException;
import java.util.Optional;
import org.apache.camel.Exchange;

/** Finds, or makes, the {@link Failure} in what was thrown. */
public final class Failures {
    private Failures() {}

    public static Failure of(Throwable thrown) {
        return foreseen(thrown).orElseGet(() -> unforeseen(thrown));
    }

    /** The failure that somebody has written a message and a hint for; where there is none, only a stack trace can tell more. */
    static Optional<Failure> foreseen(Throwable thrown) {
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            if (t instanceof Failure failure) {
                return Optional.of(failure);
            }
            if (t instanceof SQLException sql) {
                return Optional.of(io.bactrian.postgres.Server.explain(sql, "talk to the server"));
            }
        }
        return Optional.empty();
    }

    /**
     * To be called in a {@code doCatch}, of what is to fail after it. The retries of a store have come to their end, which Camel would
     * take for the end of whoever asks, too: no error handler would look at this exchange any more.
     */
    static Failure caught(Exchange exchange) {
        exchange.getExchangeExtension().setFailureHandled(false);
        exchange.getExchangeExtension().setErrorHandlerHandled(null);
        exchange.getExchangeExtension().setRedeliveryExhausted(false);
        return of(exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class));
    }

    private static Failure unforeseen(Throwable thrown) {
        Throwable root = thrown;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String what = root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
        return new Failure(
                ExitCode.FAILED, what, "This was not foreseen: the log has the details. Please report it.", root);
    }
}
