package io.bactrian.repository;

import io.bactrian.Failure;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;

/** Why a moment cannot be recovered, and which ones can. */
final class RecoveryRefusal {
    private static final int SHOWN = 5;
    private static final String NEW_BASE =
            "`bactrian full` with BACKUP_PITR=on takes a base that recovery can begin with.";

    private RecoveryRefusal() {}

    /** @param chains newest first */
    static Failure of(List<Chain> chains, RecoveryTime wanted, Instant now) {
        List<RecoveryWindow> windows = RecoveryWindow.union(
                chains.stream().flatMap(chain -> chain.windows().stream()).toList());
        if (chains.stream().allMatch(chain -> chain.bases().isEmpty())) {
            return Failure.precondition("there is no physical base to recover from", NEW_BASE);
        }
        if (windows.isEmpty()) {
            return Failure.precondition(
                    "no moment can be recovered: no base has its log up to a cut" + faults(chains), NEW_BASE);
        }
        return outside(wanted, windows, chains, now);
    }

    private static String faults(List<Chain> chains) {
        return chains.stream()
                .flatMap(chain -> chain.faults().stream())
                .limit(SHOWN)
                .map(fault -> "; " + fault)
                .collect(Collectors.joining());
    }

    private static Failure outside(
            RecoveryTime wanted, List<RecoveryWindow> windows, List<Chain> newestFirst, Instant now) {
        Instant time = wanted.instant();
        String message = "cannot recover to " + wanted + ": ";
        if (time.isAfter(now)) {
            return refuse(message + "that is in the future", windows, "`latest` is the newest moment there is.");
        }
        if (time.isBefore(windows.get(0).from())) {
            return refuse(message + "that is before the first base had ended", windows, "Choose a later time.");
        }
        if (time.isAfter(windows.get(windows.size() - 1).to())) {
            boolean open = newestFirst.get(0).isOpen();
            return refuse(
                    message + "that is after the last cut",
                    windows,
                    open
                            ? "`bactrian incremental` moves the end of the window on."
                            : "The chain is closed (" + newestFirst.get(0).closed()
                                    + "): `bactrian full` starts a new one.");
        }
        return refuse(message + "its log is not in the repository", windows, "Choose a time inside of a window.");
    }

    private static Failure refuse(String message, List<RecoveryWindow> windows, String hint) {
        int first = Math.max(0, windows.size() - SHOWN);
        String shown = windows.subList(first, windows.size()).stream()
                .map(RecoveryWindow::toString)
                .collect(Collectors.joining(", "));
        return Failure.precondition(message + ". Recovery window: " + (first > 0 ? "…, " : "") + shown, hint);
    }
}
