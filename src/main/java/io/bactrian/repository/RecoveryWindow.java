package io.bactrian.repository;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** A span of time of which every moment can be recovered, both ends included. */
public record RecoveryWindow(Instant from, Instant to) {

    public boolean holds(Instant time) {
        return !time.isBefore(from) && !time.isAfter(to);
    }

    /** The same moments in as few windows as it takes, oldest first. */
    static List<RecoveryWindow> union(Collection<RecoveryWindow> windows) {
        List<RecoveryWindow> united = new ArrayList<>();
        windows.stream().sorted(Comparator.comparing(RecoveryWindow::from)).forEach(next -> {
            int last = united.size() - 1;
            if (last >= 0 && !next.from.isAfter(united.get(last).to)) {
                united.set(last, united.get(last).upTo(next.to));
            } else {
                united.add(next);
            }
        });
        return united;
    }

    private RecoveryWindow upTo(Instant end) {
        return end.isAfter(to) ? new RecoveryWindow(from, end) : this;
    }

    @Override
    public String toString() {
        return from + " to " + to;
    }
}
