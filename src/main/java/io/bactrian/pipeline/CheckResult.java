package io.bactrian.pipeline;

import io.bactrian.Failure;
import java.util.ArrayList;
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
        /** Not as good as it could be, by nobody's fault. */
        INFO("info"),
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

    /** Something to look at, which may go wrong. */
    @FunctionalInterface
    interface Look {
        List<CheckResult> at() throws Exception;
    }

    /** Adds what a look finds; one that goes wrong is a finding, too. */
    static void add(Exchange exchange, String subject, Look look) {
        List<CheckResult> results = new ArrayList<>(of(exchange));
        try {
            results.addAll(look.at());
        } catch (Exception e) {
            results.add(failed(subject, Failures.of(e)));
        }
        on(exchange, results);
    }

    static CheckResult failed(String subject, Failure failure) {
        return new CheckResult(Outcome.FAIL, subject, failure.getMessage(), failure.hint());
    }

    static void on(Exchange exchange, List<CheckResult> results) {
        exchange.setProperty(PROPERTY, List.copyOf(results));
    }
}
