package io.bactrian.pipeline;

import io.bactrian.repository.BackupId;
import io.bactrian.repository.RunningBackups;
import java.io.IOException;
import java.util.Optional;
import org.apache.camel.Exchange;

/**
 * The backup that is on its way to other stores, held like one that is being made: until its manifest is there, its files look like
 * what a killed run left.
 */
final class Sending implements AutoCloseable {
    private static final String PROPERTY = "sending";

    private final RunningBackups running;
    private Optional<RunningBackups.Running> held = Optional.empty();

    private Sending(RunningBackups running) {
        this.running = running;
    }

    static void begin(Exchange exchange, RunningBackups running) {
        exchange.setProperty(PROPERTY, Resources.closeAfter(exchange, new Sending(running)));
    }

    static Sending of(Exchange exchange) {
        return exchange.getProperty(PROPERTY, Sending.class);
    }

    /** The one before is through. Whoever else holds this one does so for the same reason. */
    void next(BackupId id) throws IOException {
        close();
        held = running.hold(id);
    }

    @Override
    public void close() throws IOException {
        if (held.isPresent()) {
            held.get().close();
        }
        held = Optional.empty();
    }
}
