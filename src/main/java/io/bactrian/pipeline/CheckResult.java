package io.bactrian.pipeline;

import java.util.List;
import org.apache.camel.Exchange;

/**
 * One line of {@code bactrian check}.
 *
 * @param hint what to do; null where all is well
 */
public record CheckResult(Outcome outcome, String subject, String finding, String hint) {
    public enum Outcome {
        OK("ok"),
        WARN("warn"),
        FAIL("FAIL");

        private final String label;

        Outcome(String label) {
            this.label = label;
        }

        public String label() {
            return label;
        }
    }

    static CheckResult ok(String subject, String finding) {
        return new CheckResult(Outcome.OK, subject, finding, null);
    }

    static final String PROPERTY = "checked";

    /** What has been found so far. */
    @SuppressWarnings("unchecked")
    public static List<CheckResult> of(Exchange exchange) {
        return exchange.getProperty(PROPERTY, List.of(), List.class);
    }

    static void on(Exchange exchange, List<CheckResult> results) {
        exchange.setProperty(PROPERTY, List.copyOf(results));
    }
}
