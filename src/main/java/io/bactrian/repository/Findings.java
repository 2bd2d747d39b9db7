package io.bactrian.repository;

import java.util.ArrayList;
import java.util.List;

/** What speaks against the health of a repository, while it is looked at. */
final class Findings {
    private final List<String> bad = new ArrayList<>();
    private final List<String> worrying = new ArrayList<>();

    void bad(String what) {
        bad.add(what);
    }

    void worrying(String what) {
        worrying.add(what);
    }

    void add(boolean isBad, String what) {
        (isBad ? bad : worrying).add(what);
    }

    void addAll(Findings others) {
        bad.addAll(others.bad);
        worrying.addAll(others.worrying);
    }

    Health health() {
        return !bad.isEmpty() ? Health.UNHEALTHY : !worrying.isEmpty() ? Health.DEGRADED : Health.HEALTHY;
    }

    /** The worst first. */
    List<String> reasons() {
        List<String> reasons = new ArrayList<>(bad);
        reasons.addAll(worrying);
        return reasons;
    }
}
