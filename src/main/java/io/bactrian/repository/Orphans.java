package io.bactrian.repository;

import io.bactrian.postgres.TimelineHistory;
import io.bactrian.postgres.WalSegment;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What belongs to no backup: left by killed runs and interrupted cleanups. It goes only once nothing can still need it. */
final class Orphans {
    private static final Duration GRACE = Duration.ofDays(1);
    private static final Set<String> KINDS = Set.of(Layout.FULL, Layout.BASE, Layout.INCREMENTAL);

    private final StoreContents contents;
    private final Listing listing;
    private final ChainRetention chains;
    private final Set<String> uncertainClusters;
    private final Instant now;

    Orphans(
            StoreContents contents,
            Listing listing,
            ChainRetention chains,
            Set<String> uncertainClusters,
            Instant now) {
        this.contents = contents;
        this.listing = listing;
        this.chains = chains;
        this.uncertainClusters = uncertainClusters;
        this.now = now;
    }

    /** Folders of backups without a manifest, and all other unfinished files. */
    List<RetentionPlan.Item> ofBackups() {
        List<RetentionPlan.Item> items = new ArrayList<>();
        Map<String, List<String>> folders = listing.withoutManifest();
        folders.forEach((folder, files) -> {
            BackupId id = Layout.backupOf(folder + "/" + Manifest.FILE_NAME).orElseThrow();
            Optional<String> reason = reasonToKeep(id, files);
            items.add(
                    reason.isPresent()
                            ? kept(folder, reason.get())
                            : deleted(folder, "it has no manifest, and is older than a day", files));
        });
        listing.unfinished()
                .filter(path -> folders.keySet().stream().noneMatch(folder -> path.startsWith(folder + "/")))
                .map(path -> contents.fresh().contains(path) || isBeingWritten(path)
                        ? kept(path, "perhaps it is still being written")
                        : deleted(path, "a write that was never finished", List.of(path)))
                .forEach(items::add);
        return items;
    }

    private Optional<String> reasonToKeep(BackupId id, List<String> files) {
        if (now.isBefore(id.began().plus(GRACE)) || files.stream().anyMatch(contents.fresh()::contains)) {
            return Optional.of("it has no manifest yet, and is younger than a day");
        }
        if (contents.running().contains(id.kind())) {
            return Optional.of("it has no manifest yet, and a run is at work");
        }
        return contents.elsewhere().contains(id)
                ? Optional.of("it exists in another store, and may be on its way")
                : Optional.empty();
    }

    /** What is of no backup, such as keys and leases, is written by runs of any kind. */
    private boolean isBeingWritten(String path) {
        String kind = path.split("/", 2)[0];
        return KINDS.contains(kind)
                ? contents.running().contains(kind)
                : !contents.running().isEmpty();
    }

    /** Log that no manifest lists. */
    List<RetentionPlan.Item> ofWal(Map<String, List<String>> unlisted) {
        List<RetentionPlan.Item> items = new ArrayList<>();
        unlisted.forEach((folder, names) -> {
            String[] parts = folder.split("/");
            Optional<BackupId> chain = parts.length == 3 ? BackupId.parse(parts[2]) : Optional.empty();
            if (chain.isPresent()) {
                items.addAll(ofChain(folder, parts[1], chain.get(), names));
            } else {
                items.add(RetentionPlan.Item.kept(RetentionPlan.Kind.UNKNOWN, folder, "not ours", null));
            }
        });
        return items;
    }

    private List<RetentionPlan.Item> ofChain(String folder, String systemId, BackupId chain, List<String> names) {
        if (uncertainClusters.contains(systemId)) {
            return List.of(kept(folder, "a manifest of its cluster that is not believed may list it"));
        }
        if (contents.running().contains(Layout.INCREMENTAL)) {
            return List.of(kept(folder, "perhaps it is still being written"));
        }
        Optional<Manifest> base = chains.oldestKeptBase(systemId, chain);
        Set<String> goes = base.isPresent()
                ? names.stream()
                        .filter(name -> isBefore(name, base.get().physical()))
                        .collect(Collectors.toSet())
                : names.stream().filter(name -> isPast(systemId, chain)).collect(Collectors.toSet());
        List<RetentionPlan.Item> items = new ArrayList<>();
        if (!goes.isEmpty()) {
            items.add(deleted(
                    folder,
                    "no manifest lists it, and it is older than the oldest base that stays",
                    goes.stream().sorted().map(name -> folder + "/" + name).toList()));
        }
        if (goes.size() < names.size()) {
            items.add(kept(folder, "no manifest lists it yet"));
        }
        return items;
    }

    private static boolean isBefore(String name, PhysicalBase base) {
        return WalSegment.ofFile(name, base.segmentBytes())
                .map(segment -> !base.start().isBefore(segment.end()))
                .or(() -> TimelineHistory.timelineOf(name)
                        .map(timeline -> Integer.compareUnsigned(timeline, base.timeline()) <= 0))
                .orElse(false);
    }

    /** A chain of which nothing else is left, begun before any base that stays. */
    private boolean isPast(String systemId, BackupId chain) {
        boolean members = contents.manifests().stream()
                .anyMatch(m -> systemId.equals(m.systemIdentifier())
                        && (m.wal() != null && m.wal().chain().equals(chain) && chains.reasonToKeep(m) != null));
        return !members
                && !now.isBefore(chain.began().plus(GRACE))
                && contents.elsewhere().stream().noneMatch(chain::equals)
                && chains.oldestKeptBase(systemId)
                        .filter(oldest -> oldest.compareTo(chain) <= 0)
                        .isEmpty();
    }

    private static RetentionPlan.Item kept(String path, String reason) {
        return RetentionPlan.Item.kept(RetentionPlan.Kind.ORPHAN, path, reason, null);
    }

    private static RetentionPlan.Item deleted(String path, String reason, List<String> files) {
        List<String> all = List.copyOf(files);
        return RetentionPlan.Item.deleted(RetentionPlan.Kind.ORPHAN, path, reason, null, () -> all);
    }
}
