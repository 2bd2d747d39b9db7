package io.bactrian.repository;

import io.bactrian.stream.Streams;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.apache.camel.Exchange;

/**
 * Whether a file is what its manifest says. A thread of its own finds out while the file is on its way to stores; a store that can
 * take back what it was sent waits for it before it commits, and any other one before it begins.
 */
public final class Verdict {
    /** The exchange property. */
    public static final String PROPERTY = "verdict";

    private final FutureTask<Void> check;

    private Verdict(FutureTask<Void> check) {
        this.check = check;
    }

    /** @param check throws what is wrong */
    public static Verdict of(Callable<Void> check) {
        FutureTask<Void> task = new FutureTask<>(check);
        Thread thread = new Thread(task, "verdict");
        thread.setDaemon(true);
        thread.start();
        return new Verdict(task);
    }

    /** Returns once the file is known to be whole, or throws what is wrong with it. Where nobody asked, nothing is. */
    public static void await(Exchange exchange) throws IOException {
        Streams.rethrow(failure(exchange).orElse(null));
    }

    /** What is wrong with the file; waits until that is known. */
    public static Optional<Throwable> failure(Exchange exchange) throws IOException {
        Verdict verdict = exchange.getProperty(PROPERTY, Verdict.class);
        try {
            if (verdict != null) {
                verdict.check.get();
            }
            return Optional.empty();
        } catch (ExecutionException e) {
            return Optional.of(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }
}
