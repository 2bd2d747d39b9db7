package io.bactrian.repository;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** What the chains say: can every moment up to a short while ago be recovered? */
final class ChainHealth {
    /** The reason of a chain that somebody ended on purpose. */
    static final String DETACHED = "detached";

    private final List<Chain> chains;
    private final List<Chain> newest;
    private final Duration maxWalAge;
    private final Instant now;

    /**
     * @param chains oldest first
     * @param newest those of them that are not history
     */
    ChainHealth(List<Chain> chains, List<Chain> newest, Duration maxWalAge, Instant now) {
        this.chains = chains;
        this.newest = newest;
        this.maxWalAge = maxWalAge;
        this.now = now;
    }

    /**
     * The newest chain, and that of each cluster that a database lies in: an ended chain is history as soon as another has begun,
     * but not as soon as one of another cluster has that is backed up, too.
     *
     * @param fulls the newest of each database
     */
    static List<Chain> current(List<Chain> chains, List<Manifest> fulls) {
        Stream<Chain> ofClusters = fulls.size() < 2
                ? Stream.empty()
                : fulls.stream()
                        .map(Manifest::systemIdentifier)
                        .filter(Objects::nonNull)
                        .flatMap(systemId -> Chain.newest(chains, systemId).stream());
        return Stream.concat(ofClusters, chains.stream().reduce((earlier, later) -> later).stream())
                .distinct()
                .toList();
    }

    void report(Findings findings) {
        for (Chain chain : chains) {
            boolean current = chain.isOpen() || newest.contains(chain);
            if (current && !chain.isOpen() && !DETACHED.equals(chain.closed())) {
                findings.bad("the chain " + chain.id() + " has ended, and no new one has begun: " + chain.closed());
            }
            chain.faults().forEach(fault -> findings.add(current, "in the chain " + chain.id() + ": " + fault));
            if (chain.isOpen() && chain.windows().isEmpty()) {
                findings.bad("nothing can be recovered from the chain " + chain.id());
            } else if (chain.isOpen()) {
                reportAge(chain, findings);
            }
        }
    }

    private void reportAge(Chain chain, Findings findings) {
        chain.storedUntil()
                .filter(newest -> Duration.between(newest, now).compareTo(maxWalAge) > 0)
                .ifPresent(newest -> findings.worrying("the newest WAL of the chain " + chain.id() + " is older than "
                        + maxWalAge.toHours() + " hours: later changes would be lost with the server"));
    }

    /** For people and programs. */
    List<Status.ChainEntry> entries() {
        return chains.stream().map(this::entry).toList();
    }

    private Status.ChainEntry entry(Chain chain) {
        Instant storedUntil = chain.storedUntil().orElse(null);
        return new Status.ChainEntry(
                chain.id(),
                chain.systemId(),
                chain.bases().stream()
                        .filter(base -> chain.window(base).isPresent())
                        .map(Manifest::id)
                        .toList(),
                chain.windows(),
                chain.incrementals().size(),
                chain.incrementals().stream().mapToLong(Manifest::storedBytes).sum(),
                storedUntil,
                null,
                chain.isOpen() && storedUntil != null
                        ? Math.max(0, Duration.between(storedUntil, now).toSeconds())
                        : null,
                chain.closed(),
                chain.faults());
    }
}
