package io.bactrian.repository;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Brings a growing file to disk while it grows, so that the sync at its end has little left to do: the kernel would otherwise keep
 * gigabytes in memory until then. At most one flush is under way; what one of them failed with is thrown, since the kernel tells
 * an error of writing only once (fsync(2)).
 */
final class SteadyFlush {
    private static final long EVERY_BYTES = 32L * 1024 * 1024;

    private final FileChannel channel;
    private CompletableFuture<Void> flush = CompletableFuture.completedFuture(null);
    private long unflushed;

    SteadyFlush(FileChannel channel) {
        this.channel = channel;
    }

    void written(int bytes) throws IOException {
        unflushed += bytes;
        if (unflushed >= EVERY_BYTES && flush.isDone()) {
            await();
            unflushed = 0;
            flush = CompletableFuture.runAsync(this::force);
        }
    }

    /** Everything that was written is on disk, or this throws. */
    void end() throws IOException {
        await();
        channel.force(true);
    }

    private void force() {
        try {
            channel.force(false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void await() throws IOException {
        try {
            flush.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof UncheckedIOException failed) {
                throw failed.getCause();
            }
            throw e;
        }
    }
}
