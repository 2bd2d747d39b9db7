package io.bactrian.repository;

import io.bactrian.postgres.Lsn;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Puts the incrementals of one chain into their order, by what each says that it follows. */
final class ChainLinks {
    private static final Comparator<Manifest> IN_THE_LOG =
            Comparator.comparing((Manifest m) -> m.wal().start()).thenComparing(Manifest::id);

    private final Map<BackupId, Manifest> known = new HashMap<>();
    private final Map<Optional<BackupId>, List<Manifest>> followers = new HashMap<>();
    private final List<Manifest> brokenOff = new ArrayList<>();
    /** How far the log goes on from each: the end of the longest branch. */
    private final Map<BackupId, Lsn> reach = new HashMap<>();

    private final List<String> faults = new ArrayList<>();
    private final List<WalStretch> stretches;

    /** @param incrementals of one chain, each without a {@link ChainCheck#fault} */
    ChainLinks(Collection<Manifest> incrementals) {
        List<Manifest> ordered = incrementals.stream().sorted(IN_THE_LOG).toList();
        ordered.forEach(i -> known.put(i.id(), i));
        ordered.forEach(this::link);
        for (int i = ordered.size() - 1; i >= 0; i--) {
            measure(ordered.get(i));
        }
        stretches = beginnings().stream().map(this::stretch).toList();
        stretches.stream().skip(1).map(WalStretch::first).forEach(this::noteGap);
    }

    /** In the order of the log; without what lies on a side branch. */
    List<WalStretch> stretches() {
        return stretches;
    }

    /** Where they do not follow each other as they should, and why. */
    List<String> faults() {
        return List.copyOf(faults);
    }

    private void link(Manifest next) {
        Optional<String> fault = before(next).flatMap(before -> fault(before, next));
        if (fault.isPresent()) {
            faults.add(next.id() + " " + fault.get());
            brokenOff.add(next);
        } else {
            followers
                    .computeIfAbsent(Optional.ofNullable(next.wal().follows()), id -> new ArrayList<>())
                    .add(next);
        }
    }

    private Optional<Manifest> before(Manifest next) {
        return Optional.ofNullable(next.wal().follows()).map(known::get);
    }

    private static Optional<String> fault(Manifest before, Manifest next) {
        if (before.wal().closed() != null) {
            return Optional.of("follows " + before.id() + ", which closed the chain");
        }
        if (!next.wal().start().equals(before.wal().end())) {
            return Optional.of("begins at " + next.wal().start() + ", but " + before.id()
                    + ", which it follows, ended at " + before.wal().end());
        }
        return Integer.compareUnsigned(
                                WalFiles.firstTimeline(next), before.wal().timeline())
                        < 0
                ? Optional.of("goes back to an older timeline than " + before.id() + ", which it follows")
                : Optional.empty();
    }

    /** From the end of the log backwards: whatever follows begins later, so its own reach is known. */
    private void measure(Manifest incremental) {
        Lsn furthest = followers.getOrDefault(Optional.of(incremental.id()), List.of()).stream()
                .map(follower -> reach.get(follower.id()))
                .filter(Objects::nonNull)
                .max(Comparator.naturalOrder())
                .orElse(incremental.wal().end());
        reach.put(incremental.id(), furthest);
    }

    private List<Manifest> beginnings() {
        List<Manifest> beginnings = new ArrayList<>(brokenOff);
        followers.forEach((before, rivals) -> {
            if (before.isEmpty() || !known.containsKey(before.get())) {
                beginnings.add(winner(rivals));
            }
        });
        beginnings.sort(IN_THE_LOG);
        return beginnings;
    }

    private WalStretch stretch(Manifest beginning) {
        List<Manifest> incrementals = new ArrayList<>(List.of(beginning));
        Manifest last = beginning;
        while (followers.containsKey(Optional.of(last.id()))) {
            last = winner(followers.get(Optional.of(last.id())));
            incrementals.add(last);
        }
        return WalStretch.of(incrementals);
    }

    /** The branch that goes furthest; of two that go as far the one that was written first. */
    private Manifest winner(List<Manifest> rivals) {
        Manifest winner = rivals.stream()
                .max(Comparator.comparing((Manifest m) -> reach.get(m.id()))
                        .thenComparing(Manifest::id, Comparator.reverseOrder()))
                .orElseThrow();
        rivals.stream()
                .filter(rival -> !rival.equals(winner))
                .forEach(rival -> faults.add(rival.id() + " does not count: " + winner.id()
                        + " begins at the same place, and its branch of the log goes on as far or further"));
        return winner;
    }

    private void noteGap(Manifest beginning) {
        if (before(beginning).isEmpty()) {
            faults.add(beginning.id() + " does not go on where the log before it ended"
                    + (beginning.wal().follows() == null
                            ? ""
                            : ": " + beginning.wal().follows() + ", which it follows, is missing"));
        }
    }
}
