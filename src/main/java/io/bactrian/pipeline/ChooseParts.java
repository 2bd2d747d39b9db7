package io.bactrian.pipeline;

import io.bactrian.Failure;
import io.bactrian.config.RetentionSettings;
import io.bactrian.config.Settings;
import io.bactrian.repository.BackupId;
import io.bactrian.repository.Chain;
import io.bactrian.repository.Inventory;
import io.bactrian.repository.Layout;
import io.bactrian.repository.Manifest;
import io.bactrian.repository.Store;
import io.bactrian.repository.Survey;
import io.bactrian.repository.WalStretch;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The {@code parts} step of a test: what has to be whole, so that the promise of a backup holds. Of a full with a base that is the
 * base, and the WAL from there to the newest moment.
 */
public final class ChooseParts {
    private static final Logger LOG = LoggerFactory.getLogger(ChooseParts.class);

    private final StoreCache cache;
    private final Settings settings;
    private final Clock clock;

    ChooseParts(StoreCache cache, Settings settings, Clock clock) {
        this.cache = cache;
        this.settings = settings;
        this.clock = clock;
    }

    /** The body becomes the store in which the backup was found: what it needs has to be there, too. */
    public void store(Exchange exchange) {
        exchange.getMessage().setBody(Reading.of(exchange).stores().subList(0, 1));
    }

    /** The body becomes the ids. */
    public void choose(Exchange exchange) {
        Reading reading = Reading.of(exchange);
        Manifest wanted = reading.manifest();
        List<BackupId> parts = new ArrayList<>(List.of(wanted.id()));
        if (wanted.base() != null || wanted.wal() != null) {
            Inventory inventory = Inventory.read(cache.manifests(exchange.getProperty(Survey.PROPERTY, Survey.class)));
            List<Chain> chains = Chain.of(inventory.manifests());
            if (wanted.base() != null && goneByRetention(wanted.base(), inventory)) {
                LOG.atInfo()
                        .addKeyValue("backupId", wanted.id().text())
                        .log("its base {} is gone, as the retention allows; the dump stays", wanted.base());
            } else if (wanted.base() != null) {
                parts.addAll(of(wanted, chains, inventory));
            } else {
                checkPlace(wanted, chains);
            }
        }
        exchange.getMessage().setBody(parts);
    }

    private boolean goneByRetention(BackupId base, Inventory inventory) {
        Instant windowStart = clock.instant()
                .minus(RetentionSettings.of(settings, Store.LOCAL).window());
        return inventory.lacksAsRetentionAllows(base, windowStart);
    }

    private static List<BackupId> of(Manifest full, List<Chain> chains, Inventory inventory) {
        for (Chain chain : chains) {
            for (Manifest base : chain.bases()) {
                if (base.id().equals(full.base())) {
                    BackupId first = firstAfter(base, chain);
                    return Stream.concat(Stream.of(base.id()), incrementals(first, chain, chains, inventory))
                            .toList();
                }
            }
        }
        throw broken(full.id() + " names " + full.base() + " as its base, which is missing or damaged");
    }

    /** The first incremental that a recovery from that base reads, if log without a gap leads from there to the newest. */
    private static BackupId firstAfter(Manifest base, Chain chain) {
        WalStretch stretch = chain.stretch(base)
                .filter(log ->
                        log.equals(chain.stretches().get(chain.stretches().size() - 1)))
                .orElseThrow(
                        () -> broken("the chain " + chain.id() + " is broken: " + String.join("; ", chain.faults())));
        return stretch.incrementals().stream()
                .filter(i -> base.physical().start().isBefore(i.wal().end()))
                .findFirst()
                .map(Manifest::id)
                .orElseThrow();
    }

    /** Also those that nobody can say the place of: what is damaged must not pass for what is not there. */
    private static Stream<BackupId> incrementals(BackupId first, Chain chain, List<Chain> chains, Inventory inventory) {
        Set<BackupId> ofOthers = chains.stream()
                .filter(other -> !other.equals(chain) && !other.bases().isEmpty())
                .map(Chain::id)
                .collect(Collectors.toSet());
        return Stream.concat(
                        inventory.manifests().stream()
                                .filter(m -> m.wal() != null
                                        && !ofOthers.contains(m.wal().chain()))
                                .map(Manifest::id),
                        inventory.unreadable().stream().filter(id -> id.kind().equals(Layout.INCREMENTAL)))
                .filter(id -> id.compareTo(first) >= 0)
                .sorted();
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
