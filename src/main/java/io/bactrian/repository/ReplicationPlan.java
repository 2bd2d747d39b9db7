package io.bactrian.repository;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the local store has and others lack: a pure function of what they hold. */
public final class ReplicationPlan {
    private final Survey survey;
    private final Holding local;

    private ReplicationPlan(Survey survey) {
        this.survey = survey;
        this.local = survey.of(Store.LOCAL).orElseThrow();
    }

    /** A backup that some stores lack. */
    public record Lack(BackupId id, String folder, List<Store> stores) {}

    public static ReplicationPlan of(Survey survey) {
        return new ReplicationPlan(survey);
    }

    /** What every store needs before any backup: what tells the repository from others, and then its keys. */
    public List<Transfer> identity(Predicate<String> mayLeave) {
        List<Transfer> files = new ArrayList<>();
        if (local.created() == null) {
            return files; // there is nothing here yet
        }
        List<Store> strangers = stores(holding -> holding.created() == null).toList();
        if (!strangers.isEmpty()) {
            files.add(Transfer.of(Layout.REPOSITORY, strangers));
        }
        for (String path : local.paths()) {
            List<Store> without =
                    stores(holding -> !holding.paths().contains(path)).toList();
            boolean key = path.startsWith(Layout.KEYS + "/") && !DurableFile.isUnfinished(path);
            if (key && mayLeave.test(path) && !without.isEmpty()) {
                files.add(Transfer.of(path, without));
            }
        }
        return files;
    }

    /** The manifests of those backups that another store lacks, or lacks a file of: all others need not be read. */
    public Set<String> lacking() {
        return local.paths().stream()
                .filter(path -> Layout.backupOf(path).isPresent())
                .filter(path -> lackingIn(folder(path)).findAny().isPresent())
                .collect(Collectors.toSet());
    }

    private static String folder(String path) {
        return path.substring(0, path.lastIndexOf('/'));
    }

    private Stream<Store> lackingIn(String folder) {
        return stores(holding -> !holding.covers(local, folder));
    }

    /**
     * First what was begun at a moment or after it, then the others; each in the order in which they came to exist, so that a
     * store always holds what the repository once was.
     *
     * @param manifests of those that are {@link #lacking}
     * @param isWanted whether a store is to keep that backup
     */
    public List<Lack> backups(List<Manifest> manifests, Instant first, BiPredicate<Store, Manifest> isWanted) {
        return manifests.stream()
                .sorted(Comparator.comparing(
                                (Manifest manifest) -> manifest.started().isBefore(first))
                        .thenComparing(Manifest::finished))
                .map(manifest -> new Lack(
                        manifest.id(),
                        Layout.folder(manifest),
                        lackingIn(Layout.folder(manifest))
                                .filter(store -> isWanted.test(store, manifest))
                                .toList()))
                .filter(lack -> !lack.stores().isEmpty())
                .toList();
    }

    /** The files of one backup in the order of writing; of what a store has already only the manifest is sent again. */
    public List<Transfer> files(Lack lack, Manifest manifest) {
        List<Transfer> files = new ArrayList<>();
        for (Artifact artifact : manifest.artifacts()) {
            String folder = Layout.folder(manifest, artifact) + "/";
            add(files, lack, folder + artifact.name(), artifact.bytes(), artifact.sha256());
            if (artifact.sessionKey() != null) {
                Artifact.SessionKey key = artifact.sessionKey();
                add(files, lack, folder + key.name(), key.bytes(), key.sha256());
            }
        }
        for (String voucher : List.of(Manifest.SIGNATURE_NAME, Manifest.DIGEST_NAME)) {
            String path = lack.folder() + "/" + voucher;
            if (local.paths().contains(path)) {
                files.add(Transfer.of(path, lack.stores()));
            }
        }
        files.add(Transfer.of(lack.folder() + "/" + Manifest.FILE_NAME, lack.stores()));
        return files;
    }

    private void add(List<Transfer> files, Lack lack, String path, long bytes, String sha256) {
        List<Store> to = lack.stores().stream()
                .filter(store ->
                        survey.of(store).filter(h -> h.paths().contains(path)).isEmpty())
                .toList();
        if (!to.isEmpty()) {
            files.add(new Transfer(path, bytes, sha256, to));
        }
    }

    private Stream<Store> stores(Predicate<Holding> which) {
        return survey.further().stream().filter(Holding::answered).filter(which).map(Holding::store);
    }
}
