package io.bactrian.pipeline;

import io.bactrian.repository.BackupId;
import io.bactrian.repository.DurableFile;
import io.bactrian.repository.Layout;
import io.bactrian.repository.Lease;
import io.bactrian.repository.Manifest;
import io.bactrian.repository.RetentionPlan;
import io.bactrian.repository.Store;
import io.bactrian.repository.StoreContents;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.Exchange;

/**
 * What cleanup has found in one store so far. It grows, as steps find more: ten thousand copies of a growing list would be too
 * many.
 */
public final class Cleaning {
    public static final String PROPERTY = "cleaning";

    private final Store store;
    private final boolean dryRun;
    private final List<Manifest> manifests = new ArrayList<>();
    private final Set<String> recalled = new HashSet<>();
    private final Map<String, String> unbelieved = new HashMap<>();
    private final List<Lease> leases = new ArrayList<>();
    private final List<String> unreadableLeases = new ArrayList<>();
    private List<String> backups = List.of();
    private List<String> wal = List.of();
    private List<String> leasePaths = List.of();
    private boolean decided;
    private RetentionPlan plan;
    private int leasesPlanned;
    private int deleted;

    Cleaning(Store store, boolean dryRun) {
        this.store = store;
        this.dryRun = dryRun;
    }

    static Cleaning of(Exchange exchange) {
        return exchange.getProperty(PROPERTY, Cleaning.class);
    }

    Store store() {
        return store;
    }

    boolean isDryRun() {
        return dryRun;
    }

    void found(List<String> ofBackups, List<String> ofWal, List<String> ofLeases, List<String> ofKeys) {
        Stream<String> remnants =
                Stream.concat(ofLeases.stream(), ofKeys.stream()).filter(DurableFile::isUnfinished);
        backups = Stream.concat(ofBackups.stream(), remnants).sorted().toList();
        wal = ofWal;
    }

    void foundLeases(List<String> paths) {
        leasePaths =
                paths.stream().filter(path -> !DurableFile.isUnfinished(path)).toList();
    }

    /** A store may answer with more than was asked for, such as the file itself. */
    void foundBesideFolders(List<String> paths) {
        Stream<String> remnants = paths.stream()
                .filter(path -> path.startsWith(Layout.REPOSITORY + ".") && DurableFile.isUnfinished(path));
        backups = Stream.concat(backups.stream(), remnants).sorted().toList();
    }

    /** The paths of all manifests. */
    List<String> manifestPaths() {
        return backups.stream()
                .filter(path -> Layout.backupOf(path).isPresent())
                .toList();
    }

    /** For routes: the paths of the manifests that are still to be read. */
    public List<String> unreadManifests() {
        return manifestPaths().stream().filter(path -> !recalled.contains(path)).toList();
    }

    List<String> leasePaths() {
        return leasePaths;
    }

    /** For routes: those that it is not known of what they say. */
    public List<String> unreadLeases() {
        Set<String> read = leases.stream().map(Lease::path).collect(Collectors.toSet());
        return leasePaths.stream()
                .filter(path -> !read.contains(path) && !unreadableLeases.contains(path))
                .toList();
    }

    /** For routes: not once somebody has begun to read what the plan deletes, or nobody knows what somebody reads. */
    public boolean mayGoOn() {
        Set<BackupId> taken = leases.subList(leasesPlanned, leases.size()).stream()
                .flatMap(lease -> lease.backups().stream())
                .collect(Collectors.toSet());
        boolean needed = !taken.isEmpty()
                && plan.deletions().stream()
                        .anyMatch(item -> item.manifest() != null
                                && taken.contains(item.manifest().id()));
        return unreadableLeases.isEmpty() && !needed;
    }

    List<String> backups() {
        return backups;
    }

    boolean has(String path) {
        return Collections.binarySearch(backups, path) >= 0;
    }

    /** Whether there is anything beside a manifest that vouches for it. */
    boolean vouched(String folder) {
        return has(folder + "/" + Manifest.SIGNATURE_NAME) || has(folder + "/" + Manifest.DIGEST_NAME);
    }

    /** What a manifest said that need not be read again. */
    void recall(String path, Manifest outline) {
        recalled.add(path);
        manifests.add(outline);
    }

    void begin() {
        decided = false;
    }

    void believe(Manifest outline) {
        manifests.add(outline);
        decided = true;
    }

    void doubt(String folder, String why) {
        unbelieved.put(folder, why);
        decided = true;
    }

    /** For routes: whether what vouches for the manifest must be looked at. */
    public boolean undecided() {
        return !decided;
    }

    void lease(Lease lease) {
        leases.add(lease);
    }

    void unreadableLease(String path) {
        unreadableLeases.add(path);
    }

    StoreContents contents(Set<BackupId> elsewhere, Set<String> fresh, Set<String> running, Set<BackupId> damaged) {
        return new StoreContents(
                manifests, unbelieved, backups, wal, leases, unreadableLeases, elsewhere, fresh, running, damaged);
    }

    void planned(RetentionPlan made) {
        plan = made;
        leasesPlanned = leases.size();
    }

    RetentionPlan plan() {
        return plan;
    }

    /** For routes: what is to be deleted now; nothing in a dry run. */
    public List<RetentionPlan.Item> deletions() {
        return dryRun ? List.of() : plan.deletions();
    }

    void went() {
        deleted++;
    }

    int deleted() {
        return deleted;
    }
}
