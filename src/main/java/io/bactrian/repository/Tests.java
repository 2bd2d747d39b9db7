package io.bactrian.repository;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How the last integrity test of each backup ended, from the history. */
final class Tests {
    private final Map<BackupId, RunRecord> last = new HashMap<>();

    /** @param history oldest first */
    Tests(List<RunRecord> history) {
        history.stream()
                .filter(run -> run.activity().equals("test") && run.backup() != null)
                .forEach(run -> last.put(run.backup(), run));
    }

    boolean lastFailed(BackupId id) {
        return last.containsKey(id) && !last.get(id).succeeded();
    }

    /** When it was last passed; null if it was not, or failed since. */
    Instant passed(BackupId id) {
        RunRecord run = last.get(id);
        return run != null && run.succeeded() ? run.started() : null;
    }
}
