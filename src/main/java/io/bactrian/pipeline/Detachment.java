package io.bactrian.pipeline;

import io.bactrian.postgres.DatabaseUrl;
import io.bactrian.repository.BackupId;
import io.bactrian.repository.Chain;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Exchange;

/**
 * What {@code detach} has to do and has done.
 *
 * @param url of the server that holds the slot
 * @param open chains that are still to be closed
 * @param closed chains that it closed
 * @param outcome what became of the slot; null before
 */
public record Detachment(DatabaseUrl url, List<Chain> open, List<BackupId> closed, String outcome) {
    private static final String PROPERTY = "detachment";

    public Detachment {
        open = List.copyOf(open);
        closed = List.copyOf(closed);
    }

    public static Detachment of(Exchange exchange) {
        return exchange.getProperty(PROPERTY, Detachment.class);
    }

    void on(Exchange exchange) {
        exchange.setProperty(PROPERTY, this);
    }

    Detachment closedFirst() {
        List<BackupId> all = new ArrayList<>(closed);
        all.add(open.get(0).id());
        return new Detachment(url, open.subList(1, open.size()), all, outcome);
    }

    Detachment withOutcome(String text) {
        return new Detachment(url, open, closed, text);
    }

    /** For routes. */
    public boolean isUnfinished() {
        return !open.isEmpty();
    }
}
