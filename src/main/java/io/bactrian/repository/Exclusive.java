package io.bactrian.repository;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/** The locks of what may go on side by side for different databases or clusters, and never twice for the same. */
public final class Exclusive {
    private Exclusive() {}

    /** @throws Failure with exit code 75 if another run backs that database up */
    public static RunLock full(Path root, String database) throws IOException {
        String encoded = URLEncoder.encode(database, StandardCharsets.UTF_8).replace("*", "%2A");
        return acquire(root, Layout.FULL + "-" + encoded, "full run of " + database, Duration.ZERO);
    }

    /** @throws Failure with exit code 75 if another run takes a base of that cluster all the while */
    public static RunLock base(Path root, String systemId, Duration patience) throws IOException {
        return acquire(root, ofBase(systemId), "base of the cluster " + systemId, patience);
    }

    /** What {@link #base} locks. */
    public static String ofBase(String systemId) {
        return Layout.BASE + "-" + systemId;
    }

    /** @throws Failure with exit code 75 if another run stores WAL of that cluster all the while */
    public static RunLock incremental(Path root, String systemId, Duration patience) throws IOException {
        return acquire(root, ofIncremental(systemId), "incremental run of the cluster " + systemId, patience);
    }

    /** What {@link #incremental} locks. */
    public static String ofIncremental(String systemId) {
        return Layout.INCREMENTAL + "-" + systemId;
    }

    private static RunLock acquire(Path root, String lock, String what, Duration patience) throws IOException {
        try {
            return RunLock.acquire(root, lock, patience);
        } catch (Failure busy) {
            throw busy.exitCode() == ExitCode.BUSY
                    ? new Failure(ExitCode.BUSY, "another " + what + " is at work in " + root, busy.hint(), busy)
                    : busy;
        }
    }
}
