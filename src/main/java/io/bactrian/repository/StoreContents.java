package io.bactrian.repository;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * All that retention knows of one store.
 *
 * @param manifests those that are believed; outlines suffice
 * @param unbelieved folders of backups whose manifest cannot be read or is not authentic, and why
 * @param backups paths of all files below {@code full}, {@code base} and {@code incremental}, and of what killed writes left of
 *     keys, leases and {@code repository.json}; sorted
 * @param wal paths of all files below {@code wal}, sorted
 * @param leases those that can be read, expired ones too
 * @param unreadableLeases paths of the others
 * @param elsewhere backups that exist in another store: one without a manifest here may be on its way
 * @param fresh files without a manifest that were written within the last day, where the store tells
 * @param running kinds of backup that are being made now
 * @param damaged backups whose last integrity test failed
 */
public record StoreContents(
        List<Manifest> manifests,
        Map<String, String> unbelieved,
        List<String> backups,
        List<String> wal,
        List<Lease> leases,
        List<String> unreadableLeases,
        Set<BackupId> elsewhere,
        Set<String> fresh,
        Set<String> running,
        Set<BackupId> damaged) {}
