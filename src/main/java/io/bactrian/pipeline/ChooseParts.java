package io.bactrian.pipeline;

import io.bactrian.Failure;
import io.bactrian.repository.BackupId;
import io.bactrian.repository.Chain;
import io.bactrian.repository.Inventory;
import io.bactrian.repository.LocalStore;
import io.bactrian.repository.Manifest;
import io.bactrian.repository.WalStretch;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.camel.Exchange;

/**
 * The {@code parts} step of a test: what has to be whole, so that the promise of a backup holds. Of a full with a base that is the
 * base, and the WAL from there to the newest moment.
 */
public final class ChooseParts {
    private final LocalStore store;

    ChooseParts(LocalStore store) {
        this.store = store;
    }

    /** The body is the listings of all kinds, one after the other; the body after it the ids. */
    public void choose(Exchange exchange) {
        Reading reading = Reading.of(exchange);
        Manifest wanted = reading.manifest();
        List<BackupId> parts = new ArrayList<>(List.of(wanted.id()));
        if (wanted.base() != null || wanted.wal() != null) {
            List<Chain> chains =
                    Chain.of(Inventory.read(store, Listings.of(exchange)).manifests());
            if (wanted.base() != null) {
                parts.addAll(of(wanted, chains));
            } else {
                checkPlace(wanted, chains);
            }
        }
        exchange.getMessage().setBody(parts);
    }

    private static List<BackupId> of(Manifest full, List<Chain> chains) {
        for (Chain chain : chains) {
            for (Manifest base : chain.bases()) {
                if (base.id().equals(full.base())) {
                    return Stream.concat(Stream.of(base.id()), after(base, chain))
                            .toList();
                }
            }
        }
        throw broken(full.id() + " names " + full.base() + " as its base, which is missing or damaged");
    }

    private static Stream<BackupId> after(Manifest base, Chain chain) {
        WalStretch stretch = chain.stretch(base).orElseThrow(() -> broken(faults(chain)));
        if (!stretch.equals(chain.stretches().get(chain.stretches().size() - 1))) {
            throw broken(faults(chain));
        }
        return stretch.incrementals().stream()
                .filter(i -> base.physical().start().isBefore(i.wal().end()))
                .map(Manifest::id);
    }

    /** An incremental that does not join the log before it is of no use, however whole it is. */
    private static void checkPlace(Manifest incremental, List<Chain> chains) {
        chains.stream()
                .filter(chain -> chain.id().equals(incremental.wal().chain()))
                .flatMap(chain -> chain.faults().stream())
                .filter(fault -> fault.startsWith(incremental.id().text()))
                .findFirst()
                .ifPresent(fault -> {
                    throw broken(fault);
                });
    }

    private static String faults(Chain chain) {
        return "the chain " + chain.id() + " is broken: " + String.join("; ", chain.faults());
    }

    private static Failure broken(String what) {
        return Failure.integrity(
                what,
                "`bactrian status` shows what can be recovered; bring what is missing back from a copy, or begin a new chain: `bactrian detach`, then `bactrian full`.");
    }

    /** For one of the parts: the body is its id. The test of it goes as deep as that of the whole. */
    public void one(Exchange exchange) {
        Reading whole = Reading.of(exchange);
        Reading.of(exchange.getMessage().getBody(BackupId.class).text(), whole.level())
                .on(exchange);
    }

    /** After all of them: the body is a list of findings for each part, and becomes one list. */
    public void findings(Exchange exchange) {
        List<String> all = new ArrayList<>();
        for (Object part : exchange.getMessage().getBody(List.class)) {
            ((List<?>) part).forEach(finding -> all.add(finding.toString()));
        }
        exchange.getMessage().setBody(all);
    }
}
