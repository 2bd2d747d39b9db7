package io.bactrian.repository;

import io.bactrian.crypto.Encryption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What stays in a store and what goes: a pure function of what is there, what is to be kept, and the time. */
public final class Retention {
    /** By which a clock may be behind that of another machine. */
    private static final Duration SKEW = Duration.ofMinutes(5);

    private final StoreContents contents;
    private final RetentionPolicy policy;
    private final Instant now;
    private final Listing listing;
    private final Map<String, String> unbelieved;
    private final List<Manifest> fulls;
    private final List<Manifest> members;
    private final Set<String> uncertainClusters;
    private final Set<BackupId> leased;

    private Retention(StoreContents contents, RetentionPolicy policy, Instant now) {
        this.contents = contents;
        this.policy = policy;
        this.now = now;
        this.listing = new Listing(contents.backups());
        this.unbelieved = new java.util.TreeMap<>(contents.unbelieved());
        this.fulls = contents.manifests().stream().filter(m -> m.id().isFull()).toList();
        this.members = contents.manifests().stream()
                .filter(m -> !m.id().isFull())
                .filter(this::isSound)
                .toList();
        this.uncertainClusters = unbelieved.keySet().stream()
                .map(folder -> folder.split("/"))
                .filter(parts -> parts.length == 3)
                .map(parts -> parts[1])
                .collect(Collectors.toSet());
        this.leased = contents.leases().stream()
                .filter(lease -> lease.countsAt(now))
                .flatMap(lease -> lease.backups().stream())
                .collect(Collectors.toSet());
    }

    /** @param lastCleanup when the last one began; null if there was none */
    public static RetentionPlan plan(StoreContents contents, RetentionPolicy policy, Instant now, Instant lastCleanup) {
        RetentionPlan plan = new Retention(contents, policy, now).plan();
        return refusal(contents, policy, now, lastCleanup).map(plan::refusedFor).orElse(plan);
    }

    private boolean isSound(Manifest member) {
        Optional<String> fault = ChainCheck.fault(member);
        fault.ifPresent(why -> unbelieved.put(Layout.folder(member), "its manifest " + why));
        return fault.isEmpty();
    }

    private static Optional<String> refusal(
            StoreContents contents, RetentionPolicy policy, Instant now, Instant lastCleanup) {
        Optional<BackupId> newest = Stream.concat(
                        contents.manifests().stream().map(Manifest::id),
                        contents.unbelieved().keySet().stream()
                                .flatMap(folder -> Layout.backupOf(folder + "/" + Manifest.FILE_NAME).stream()))
                .max(Comparator.naturalOrder());
        if (newest.isPresent() && newest.get().began().isAfter(now.plus(SKEW))) {
            return Optional.of("the clock looks wrong: " + newest.get() + " is in the future");
        }
        if (lastCleanup != null && lastCleanup.isAfter(now.plus(SKEW))) {
            return Optional.of("the clock looks wrong: the last cleanup ran in the future, " + lastCleanup);
        }
        if (newest.isPresent() && newest.get().began().isBefore(policy.windowStart(now))) {
            return Optional.of("the newest backup is older than " + policy.windowText()
                    + ": either the clock is wrong, or no backup is being made");
        }
        return contents.unreadableLeases().stream()
                .findFirst()
                .map(path -> "the lease " + path + " cannot be read: delete it if no restore is at work");
    }

    private RetentionPlan plan() {
        WalContents wal = WalContents.of(contents.wal(), members);
        Predicate<Manifest> whole = m -> isWhole(m, wal);
        FullRetention keptFulls = new FullRetention(policy, now, fulls, whole::test);
        ChainRetention keptLog = new ChainRetention(policy, now, members, whole, m -> leased.contains(m.id()));

        List<RetentionPlan.Item> items = new ArrayList<>();
        unbelieved.forEach(
                (folder, why) -> items.add(RetentionPlan.Item.kept(RetentionPlan.Kind.UNKNOWN, folder, why, null)));
        fulls.stream().sorted(Comparator.comparing(Manifest::id)).forEach(m -> items.add(full(m, keptFulls)));
        items.addAll(log(keptLog));
        Orphans orphans = new Orphans(contents, listing, keptLog, uncertainClusters, now);
        items.addAll(orphans.ofBackups());
        items.addAll(orphans.ofWal(wal.unlisted()));
        contents.leases().forEach(lease -> items.add(lease(lease)));
        return new RetentionPlan(policy.windowStart(now), null, items);
    }

    /** All files are there, and no test has found otherwise. */
    private boolean isWhole(Manifest manifest, WalContents wal) {
        String folder = Layout.folder(manifest);
        return !contents.damaged().contains(manifest.id())
                && (manifest.wal() != null
                        ? !wal.incomplete().contains(folder)
                        : manifest.artifacts().stream().allMatch(a -> listing.has(folder + "/" + a.name())));
    }

    private RetentionPlan.Item full(Manifest full, FullRetention kept) {
        String reason = leased.contains(full.id()) ? "a restore or test reads it" : kept.reasonToKeep(full);
        return item(RetentionPlan.Kind.FULL, full, reason, "older than " + policy.windowText() + "", Set.of());
    }

    /** Bases first: none is ever there without the log that it needs. */
    private List<RetentionPlan.Item> log(ChainRetention kept) {
        List<RetentionPlan.Item> items = new ArrayList<>();
        members.stream()
                .filter(m -> m.physical() != null)
                .sorted(Comparator.comparing(Manifest::id))
                .forEach(m -> items.add(item(
                        RetentionPlan.Kind.BASE, m, reason(m, kept), "no moment of the window needs it", Set.of())));
        members.stream()
                .filter(m -> m.physical() == null)
                .collect(Collectors.groupingBy(WalContents::folder, java.util.TreeMap::new, Collectors.toList()))
                .values()
                .forEach(ofChain -> items.addAll(incrementals(ofChain, kept)));
        return items;
    }

    private List<RetentionPlan.Item> incrementals(List<Manifest> ofChain, ChainRetention kept) {
        Map<Boolean, List<Manifest>> split =
                ofChain.stream().collect(Collectors.partitioningBy(m -> reason(m, kept) != null));
        Set<String> shared = new HashSet<>(ChainRetention.shared(split.get(true), split.get(false)));
        return ofChain.stream()
                .sorted(Comparator.comparing(Manifest::id))
                .map(m -> item(
                        RetentionPlan.Kind.INCREMENTAL,
                        m,
                        reason(m, kept),
                        "log before the oldest base that stays",
                        shared))
                .toList();
    }

    private String reason(Manifest member, ChainRetention kept) {
        return uncertainClusters.contains(member.systemIdentifier())
                ? "a manifest of its cluster is not believed, and may need it"
                : kept.reasonToKeep(member);
    }

    private RetentionPlan.Item item(
            RetentionPlan.Kind kind, Manifest manifest, String toKeep, String toDelete, Set<String> shared) {
        String folder = Layout.folder(manifest);
        return toKeep != null
                ? RetentionPlan.Item.kept(kind, folder, toKeep, manifest)
                : RetentionPlan.Item.deleted(kind, folder, toDelete, manifest, () -> files(manifest, shared));
    }

    private List<String> files(Manifest manifest, Set<String> shared) {
        Stream<String> wal = manifest.artifacts().stream()
                .filter(Artifact::isWal)
                .filter(artifact -> !shared.contains(artifact.name()))
                .flatMap(artifact -> stored(Layout.folder(manifest, artifact), artifact));
        return Stream.concat(listing.inOrderOfDeletion(Layout.folder(manifest)).stream(), wal)
                .toList();
    }

    private static Stream<String> stored(String folder, Artifact artifact) {
        String path = folder + "/" + artifact.name();
        Encryption encryption = artifact.encryptedWith();
        return encryption == Encryption.OPENPGP || encryption == Encryption.GPG
                ? Stream.of(path, path + Encryption.SESSION_KEYS_SUFFIX)
                : Stream.of(path);
    }

    private RetentionPlan.Item lease(Lease lease) {
        return lease.countsAt(now)
                ? RetentionPlan.Item.kept(
                        RetentionPlan.Kind.LEASE, lease.path(), lease.activity() + " until " + lease.until(), null)
                : RetentionPlan.Item.deleted(
                        RetentionPlan.Kind.LEASE, lease.path(), "it has expired", null, () -> List.of(lease.path()));
    }
}
