package io.bactrian.pipeline;

import io.bactrian.repository.Manifest;
import org.apache.camel.Exchange;

/**
 * What a full backup does for point-in-time recovery, and why.
 *
 * @param enabled whether the server is one of whose WAL a chain is kept
 * @param due whether this full takes a base
 * @param why it is off, or why no base is due; null otherwise
 * @param hint what to do about it; null where there is nothing to do
 * @param base the manifest of the base that was taken; null if there is none
 */
public record Pitr(boolean enabled, boolean due, String why, String hint, Manifest base) {
    private static final String PROPERTY = "pitr";

    static Pitr off(String why, String hint) {
        return new Pitr(false, false, why, hint, null);
    }

    static Pitr isOn() {
        return new Pitr(true, false, "the route did not ask whether a base is due", null, null);
    }

    static Pitr baseDue() {
        return new Pitr(true, true, null, null, null);
    }

    static Pitr notDue(String why) {
        return new Pitr(true, false, why, null, null);
    }

    static Pitr withBase(Manifest taken) {
        return new Pitr(true, false, null, null, taken);
    }

    /** Off as long as no step has looked. */
    public static Pitr of(Exchange exchange) {
        return exchange.getProperty(PROPERTY, off("the route takes no base", null), Pitr.class);
    }

    void on(Exchange exchange) {
        exchange.setProperty(PROPERTY, this);
    }
}
