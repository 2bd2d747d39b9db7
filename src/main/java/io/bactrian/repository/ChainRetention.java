package io.bactrian.repository;

import io.bactrian.postgres.Lsn;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which bases and incrementals stay, and why. A base stays if it is in the window, if a moment of the window is recovered from it
 * and from no younger one, or if it is the newest of its cluster; all log of its chain from there on stays with it.
 */
final class ChainRetention {
    private final RetentionPolicy policy;
    private final Instant now;
    private final Predicate<Manifest> leased;
    private final Map<String, String> reasons = new HashMap<>();
    private final Map<Key, Manifest> oldestKept = new HashMap<>();

    private record Key(String systemId, BackupId chain) {}

    /**
     * @param members sound manifests of bases and incrementals, by which chains are built; incomplete ones too
     * @param usable those of them that can be recovered from
     */
    ChainRetention(
            RetentionPolicy policy,
            Instant now,
            Collection<Manifest> members,
            Predicate<Manifest> usable,
            Predicate<Manifest> leased) {
        this.policy = policy;
        this.now = now;
        this.leased = leased;
        List<Chain> chains = Chain.of(members.stream().filter(usable).toList());
        Map<Key, Chain> byKey = chains.stream().collect(Collectors.toMap(c -> new Key(c.systemId(), c.id()), c -> c));
        Map<String, Manifest> newest = newestBases(chains);
        Map<Key, List<Manifest>> byChain = members.stream().collect(Collectors.groupingBy(ChainRetention::key));
        byChain.forEach((key, ofOne) -> {
            bases(ofOne, Optional.ofNullable(byKey.get(key)), newest.get(key.systemId()));
            incrementals(key, ofOne);
        });
    }

    private static Key key(Manifest member) {
        return new Key(
                member.systemIdentifier(),
                member.physical() == null
                        ? member.wal().chain()
                        : member.physical().chain());
    }

    /** Of the newest chain that anything can be recovered from; in a cluster without one, the newest base there is. */
    private static Map<String, Manifest> newestBases(List<Chain> chains) {
        Map<String, Manifest> newest = new HashMap<>();
        for (Chain chain : chains) {
            chain.bases().stream()
                    .filter(base -> chain.window(base).isPresent())
                    .max(Comparator.comparing((Manifest b) -> b.physical().end())
                            .thenComparing(Manifest::id))
                    .ifPresent(base -> newest.put(chain.systemId(), base));
        }
        chains.forEach(chain -> chain.bases().forEach(base -> newest.putIfAbsent(chain.systemId(), base)));
        return newest;
    }

    private void bases(List<Manifest> members, Optional<Chain> chain, Manifest newest) {
        List<Manifest> newestFirst = members.stream()
                .filter(m -> m.physical() != null)
                .sorted(Comparator.comparing((Manifest b) -> b.physical().endTime())
                        .thenComparing(Manifest::id)
                        .reversed())
                .toList();
        Instant from = policy.windowStart(now);
        List<RecoveryWindow> covered = new ArrayList<>();
        for (Manifest base : newestFirst) {
            Optional<RecoveryWindow> window = chain.flatMap(c -> c.window(base))
                    .filter(w -> !w.to().isBefore(from))
                    .map(w -> w.from().isBefore(from) ? new RecoveryWindow(from, w.to()) : w);
            boolean adds = window.filter(w -> covered.stream().noneMatch(c -> c.holds(w.from()) && c.holds(w.to())))
                    .isPresent();
            Optional<String> reason = reason(base, adds, newest, from);
            if (reason.isPresent()) {
                reasons.put(Layout.folder(base), reason.get());
                List<RecoveryWindow> wider =
                        Stream.concat(covered.stream(), window.stream()).toList();
                covered.clear();
                covered.addAll(RecoveryWindow.union(wider));
                oldestKept.merge(key(base), base, ChainRetention::earlier);
            }
        }
    }

    private Optional<String> reason(Manifest base, boolean adds, Manifest newest, Instant from) {
        if (base.equals(newest)) {
            return Optional.of("the newest base of its cluster");
        }
        if (!base.physical().endTime().isBefore(from) || !base.id().began().isBefore(from)) {
            return Optional.of("younger than " + policy.windowText() + "");
        }
        if (adds) {
            return Optional.of("the recovery window begins with it");
        }
        return leased.test(base) ? Optional.of("a restore or test reads it") : Optional.empty();
    }

    private static Manifest earlier(Manifest a, Manifest b) {
        return b.physical().start().isBefore(a.physical().start()) ? b : a;
    }

    private void incrementals(Key key, List<Manifest> members) {
        Manifest base = oldestKept.get(key);
        for (Manifest member : members) {
            if (member.physical() == null) {
                boolean needed =
                        base != null && !endsBefore(member, base.physical().start());
                if (needed) {
                    reasons.put(Layout.folder(member), "log from " + base.id() + " on");
                } else if (leased.test(member)) {
                    reasons.put(Layout.folder(member), "a restore or test reads it");
                }
            }
        }
    }

    private static boolean endsBefore(Manifest incremental, Lsn start) {
        return !start.isBefore(incremental.wal().end());
    }

    /** Null if it may go. */
    String reasonToKeep(Manifest member) {
        return reasons.get(Layout.folder(member));
    }

    /** The place in a chain that log is needed from; empty if no base of it stays. */
    Optional<Manifest> oldestKeptBase(String systemId, BackupId chain) {
        return Optional.ofNullable(oldestKept.get(new Key(systemId, chain)));
    }

    /** The oldest base of a cluster that stays, in any of its chains. */
    Optional<BackupId> oldestKeptBase(String systemId) {
        return oldestKept.entrySet().stream()
                .filter(entry -> entry.getKey().systemId().equals(systemId))
                .map(entry -> entry.getValue().id())
                .min(Comparator.naturalOrder());
    }

    /** Files that a doomed incremental shares with one that stays; segments of a side branch, and histories stored twice. */
    static Set<String> shared(Collection<Manifest> kept, Collection<Manifest> doomed) {
        Lsn end = doomed.stream()
                .map(m -> m.wal().end())
                .max(Comparator.naturalOrder())
                .orElse(new Lsn(0));
        return kept.stream()
                .flatMap(m -> m.wal().start().isBefore(end) ? m.artifacts().stream() : WalFiles.histories(m).stream())
                .map(Artifact::name)
                .collect(Collectors.toSet());
    }
}
