package io.bactrian.pipeline;

import org.apache.camel.Exchange;

/**
 * What a full backup does for point-in-time recovery, and why.
 *
 * @param on whether the server is one of whose WAL a chain is kept
 * @param due whether this full takes a base
 * @param why it is off, or why no base is due; null otherwise
 * @param hint what to do about it; null where there is nothing to do
 */
public record Pitr(boolean on, boolean due, String why, String hint) {
    private static final String PROPERTY = "pitr";

    static Pitr off(String why, String hint) {
        return new Pitr(false, false, why, hint);
    }

    static Pitr baseDue() {
        return new Pitr(true, true, null, null);
    }

    static Pitr notDue(String why) {
        return new Pitr(true, false, why, null);
    }

    /** Off as long as no step has looked. */
    public static Pitr of(Exchange exchange) {
        return exchange.getProperty(PROPERTY, off("the route takes no base", null), Pitr.class);
    }

    void on(Exchange exchange) {
        exchange.setProperty(PROPERTY, this);
    }
}
