package io.bactrian.pipeline;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import io.bactrian.repository.Store;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;

/**
 * The stores that are asked for something, one after the other, until one has it.
 *
 * @param left those that are still to be asked; the first is being asked
 * @param missed those that could not help, and why
 * @param found whether the first of those left had it
 * @param failure why nobody has it; null as long as somebody may
 */
public record Sources(List<Store> left, List<Missed> missed, boolean found, Failure failure) {
    private static final String PROPERTY = "sources";
    /** The exchange property with the stores that a run may read, in order; without it the local one. */
    public static final String STORES = "stores";

    /** A store that could not help. */
    record Missed(Store store, Failure why) {}

    static Sources of(List<Store> stores) {
        return new Sources(List.copyOf(stores), List.of(), false, null);
    }

    static Sources of(Exchange exchange) {
        return exchange.getProperty(PROPERTY, Sources.class);
    }

    /** The stores that this run may read. */
    @SuppressWarnings("unchecked")
    static List<Store> allowed(Exchange exchange) {
        return exchange.getProperty(STORES, List.of(Store.LOCAL), List.class);
    }

    void on(Exchange exchange) {
        exchange.setProperty(PROPERTY, this);
    }

    Store current() {
        return left.get(0);
    }

    Sources answered() {
        return new Sources(left, missed, true, null);
    }

    /** Ends the search if there is nobody left to ask, or if asking others cannot help. */
    Sources without(Failure why) {
        List<Missed> all = new ArrayList<>(missed);
        all.add(new Missed(current(), why));
        if (why.exitCode() == ExitCode.USAGE) {
            return new Sources(left, missed, false, why);
        }
        if (left.size() == 1) {
            return new Sources(left, missed, false, nowhere(all));
        }
        return new Sources(left.subList(1, left.size()), List.copyOf(all), false, null);
    }

    /** What only one could tell stays as it is; of several, damage is worse than absence. */
    private static Failure nowhere(List<Missed> all) {
        Failure worst = all.stream()
                .map(Missed::why)
                .filter(why -> why.exitCode() == ExitCode.INTEGRITY)
                .findFirst()
                .orElse(all.get(0).why());
        if (all.stream().map(missed -> missed.why().getMessage()).distinct().count() == 1) {
            return worst;
        }
        return new Failure(
                worst.exitCode(),
                all.stream()
                        .map(missed ->
                                missed.store().name() + ": " + missed.why().getMessage())
                        .collect(Collectors.joining("; ", "no store can help: ", "")),
                worst.hint(),
                worst);
    }

    /** For routes. */
    public boolean isSeeking() {
        return !found && failure == null;
    }
}
