package io.bactrian.pipeline;

import io.bactrian.repository.BackupId;
import io.bactrian.repository.ReplicationPlan;
import io.bactrian.repository.Store;
import io.bactrian.repository.Transfer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;

/**
 * Copies on their way to other stores: the one value that travels with the exchange.
 *
 * @param targets all stores that are to be brought up to date
 * @param backups those still to come
 * @param files of the backup that is under way, still to come; the first is being sent
 * @param behind the stores that are out for the rest of this run, and why
 * @param unsent backups that cannot be sent, and why
 * @param sent how many backups each store was given
 * @param unmended what could not be brought back into the local store, each a sentence
 */
public record Replication(
        List<Store> targets,
        List<ReplicationPlan.Lack> backups,
        List<Transfer> files,
        Map<Store, String> behind,
        Map<BackupId, String> unsent,
        Map<Store, Integer> sent,
        List<String> unmended) {
    static final String PROPERTY = "replication";

    /** How one store answered. */
    record Outcome(Store store, String failure) {}

    static Replication to(List<Store> targets, List<String> unmended) {
        return new Replication(List.copyOf(targets), List.of(), List.of(), Map.of(), Map.of(), Map.of(), unmended);
    }

    /** Null if there is nothing to replicate to. */
    public static Replication of(Exchange exchange) {
        return exchange.getProperty(PROPERTY, Replication.class);
    }

    void on(Exchange exchange) {
        exchange.setProperty(PROPERTY, this);
    }

    Replication planned(List<Transfer> identity, List<ReplicationPlan.Lack> lacking) {
        return new Replication(targets, List.copyOf(lacking), identity, behind, unsent, sent, unmended).withoutIdle();
    }

    /** The next backup has its turn. */
    Replication sending(List<Transfer> filesOfFirst) {
        List<ReplicationPlan.Lack> rest = backups.subList(1, backups.size());
        return new Replication(targets, rest, filesOfFirst, behind, unsent, sent, unmended).withoutIdle();
    }

    /** The next backup cannot be sent, or the one that is under way not further. */
    Replication withoutBackup(BackupId id, String why) {
        Map<BackupId, String> more = new LinkedHashMap<>(unsent);
        more.put(id, why);
        boolean isNext = files.isEmpty();
        return new Replication(
                targets,
                isNext ? backups.subList(1, backups.size()) : backups,
                List.of(),
                behind,
                more,
                sent,
                unmended);
    }

    Replication withOut(Store store, String why) {
        Map<Store, String> more = new LinkedHashMap<>(behind);
        more.putIfAbsent(store, why);
        return new Replication(targets, backups, files, more, unsent, sent, unmended).withoutIdle();
    }

    /** The first file was sent. */
    Replication answered(List<Outcome> outcomes, boolean isManifest) {
        Map<Store, Integer> counted = new LinkedHashMap<>(sent);
        Replication after = this;
        for (Outcome outcome : outcomes) {
            if (outcome.failure() != null) {
                after = after.withOut(outcome.store(), outcome.failure());
            } else if (isManifest) {
                counted.merge(outcome.store(), 1, Integer::sum);
            }
        }
        List<Transfer> rest = files.subList(1, files.size());
        return new Replication(targets, backups, rest, after.behind, unsent, counted, unmended).withoutIdle();
    }

    /** Without files that nobody is there for any more. */
    private Replication withoutIdle() {
        List<Transfer> busy = new ArrayList<>();
        for (Transfer file : files) {
            Transfer open = file;
            for (Store out : behind.keySet()) {
                open = open.without(out);
            }
            if (!open.to().isEmpty()) {
                busy.add(open);
            }
        }
        boolean anybody = targets.stream().anyMatch(store -> !behind.containsKey(store));
        return new Replication(targets, anybody ? backups : List.of(), busy, behind, unsent, sent, unmended);
    }

    /** For routes. */
    public boolean hasMore() {
        return !files.isEmpty() || !backups.isEmpty();
    }

    /** For routes: the stores that the file is sent to. */
    public List<Store> receivers() {
        return files.get(0).to();
    }

    /** Whether every store has everything. */
    public boolean complete() {
        return behind.isEmpty() && unsent.isEmpty() && unmended.isEmpty();
    }

    /** For people: one sentence a store that is behind, and one a backup that could not be sent. */
    public List<String> risks() {
        List<String> risks = new ArrayList<>();
        behind.forEach((store, why) -> risks.add("the store " + store.name() + " is behind: " + why));
        unsent.forEach((id, why) -> risks.add(id + " is in no other store: " + why));
        risks.addAll(unmended);
        return risks;
    }

    /** For people. */
    public String summary() {
        return targets.stream()
                .map(store -> store.name() + (behind.containsKey(store) ? " at risk" : " complete"))
                .collect(Collectors.joining(", "));
    }
}
