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
}
