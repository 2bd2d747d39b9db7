package io.bactrian.repository;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One execution of a command.
 *
 * @param activity {@code full}, {@code test} or {@code restore}
 * @param backup what it made or read; null if it never came so far
 * @param level of a test
 * @param error what failed; null after a success
 * @param database the name of its database among several; null where there is one
 * @param store the only one that it could read; null if it read the local one, or others where that did not help
 * @param damaged true if it failed because what it read is not whole or not authentic; null otherwise
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RunRecord(
        String activity,
        Instant started,
        long durationMillis,
        BackupId backup,
        String level,
        String error,
        String database,
        String store,
        Boolean damaged) {

    public RunRecord(
            String activity, Instant started, long durationMillis, BackupId backup, String level, String error) {
        this(activity, started, durationMillis, backup, level, error, null, null, null);
    }

    RunRecord of(String name) {
        return new RunRecord(activity, started, durationMillis, backup, level, error, name, store, damaged);
    }

    public RunRecord readFrom(String only) {
        return new RunRecord(activity, started, durationMillis, backup, level, error, database, only, damaged);
    }

    public RunRecord foundDamage() {
        return new RunRecord(activity, started, durationMillis, backup, level, error, database, store, true);
    }

    public boolean succeeded() {
        return error == null;
    }

    /**
     * The backups whose copy in a store is damaged, as the last integrity test of it found that came to an end: one that had no key,
     * or could not reach the store, says nothing of the copy.
     *
     * @param history oldest first
     */
    public static Set<BackupId> damagedIn(Store store, List<RunRecord> history) {
        List<RunRecord> conclusive = history.stream()
                .filter(run -> run.backup() != null && (run.succeeded() || run.damaged() != null))
                .filter(run -> run.store() == null
                        ? store.equals(Store.LOCAL)
                        : run.store().equals(store.name()))
                .toList();
        Tests tests = new Tests(conclusive);
        return conclusive.stream()
                .map(RunRecord::backup)
                .filter(tests::lastFailed)
                .collect(Collectors.toSet());
    }
}
