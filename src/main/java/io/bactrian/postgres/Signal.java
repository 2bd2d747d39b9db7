package io.bactrian.postgres;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/** The signals that mean something to a PostgreSQL server ("Shutting Down the Server" of the manual). */
enum Signal {
    /** Fast shutdown: sessions are ended, all is written. */
    INT,
    /** Immediate shutdown: as after a crash, but shared memory is given back. */
    QUIT;

    /** Sends it and waits, whatever interrupts us, until the process has ended; after the limit it is killed. */
    void end(ProcessHandle process, Duration limit) {
        try {
            if (process.isAlive()) {
                new ProcessBuilder("/bin/sh", "-c", "kill -s " + name() + " " + process.pid()).start();
            }
            process.onExit().orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS).join();
        } catch (IOException | CompletionException e) {
            process.destroyForcibly();
            process.onExit().join();
        }
    }
}
