package io.bactrian.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunLockTest {
    @TempDir
    private Path root;

    @Test
    void a_lock_that_is_held_is_refused_at_once_and_after_the_patience_is_over() throws Exception {
        try (RunLock held = RunLock.acquire(root, "base")) {
            for (Duration patience : new Duration[] {Duration.ZERO, Duration.ofMillis(150)}) {
                assertThatThrownBy(() -> RunLock.acquire(root, "base", patience))
                        .isInstanceOfSatisfying(
                                Failure.class,
                                failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.BUSY));
            }
            assertThat(RunLock.tryAcquire(root, "base")).isEmpty();
            RunLock.acquire(root, "incremental").close();
        }
        RunLock.acquire(root, "base").close();
    }

    @Test
    void whoever_waits_gets_it_when_it_is_free() throws Exception {
        RunLock held = RunLock.acquire(root, "incremental");
        CompletableFuture<RunLock> waiting = CompletableFuture.supplyAsync(() -> {
            try {
                return RunLock.acquire(root, "incremental", Duration.ofMinutes(1));
            } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        assertThat(waiting).isNotDone();
        held.close();
        waiting.get(1, TimeUnit.MINUTES).close();
    }

    /** The kernel gives a process's lock up with any channel that it closes on the file. */
    @Test
    void asking_for_a_lock_that_this_process_holds_leaves_it_held_for_other_processes() throws Exception {
        try (RunLock held = RunLock.acquire(root, "full")) {
            assertThat(RunLock.tryAcquire(root, "full")).isEmpty();
            assertThat(RunLock.isHeld(root, "full")).isTrue();
            assertThat(anotherProcessCanLock()).isFalse();
        }
        assertThat(RunLock.isHeld(root, "full")).isFalse();
        assertThat(anotherProcessCanLock()).isTrue();
    }

    /** With a lock of the same kind as Java's: of fcntl(2), not flock(2). */
    private boolean anotherProcessCanLock() throws Exception {
        Process perl = new ProcessBuilder(
                        "perl",
                        "-MFcntl=:DEFAULT,:flock",
                        "-e",
                        "open(my $f, '+<', $ARGV[0]) or die; my $l = pack('s s l! l! i', F_WRLCK, 0, 0, 0, 0);"
                                + " exit(fcntl($f, F_SETLK, $l) ? 0 : 1)",
                        root.resolve(".full.lock").toString())
                .inheritIO()
                .start();
        return perl.waitFor() == 0;
    }
}
