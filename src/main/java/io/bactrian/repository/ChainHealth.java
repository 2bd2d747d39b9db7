package io.bactrian.repository;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** What the chains say: can every moment up to a short while ago be recovered? */
final class ChainHealth {
    /** The reason of a chain that somebody ended on purpose. */
    static final String DETACHED = "detached";

    private final List<Chain> chains;
    private final Duration maxWalAge;
    private final Instant now;

    /** @param chains oldest first */
    ChainHealth(List<Chain> chains, Duration maxWalAge, Instant now) {
        this.chains = chains;
        this.maxWalAge = maxWalAge;
        this.now = now;
    }

    void report(Findings findings) {
        for (Chain chain : chains) {
            // an ended chain is history as soon as another has begun
            boolean current = chain.isOpen() || chain.equals(chains.get(chains.size() - 1));
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
                chain.isOpen() && storedUntil != null
                        ? Math.max(0, Duration.between(storedUntil, now).toSeconds())
                        : null,
                chain.closed(),
                chain.faults());
    }
}
