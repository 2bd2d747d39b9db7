package io.bactrian.pipeline;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/** How many databases may be at the same kind of work, in one scheduler. Thread-safe. */
public final class Places {
    private final int limit;
    private final Map<String, Semaphore> free = new ConcurrentHashMap<>();
    private volatile boolean stopping;

    public Places(int limit) {
        this.limit = limit;
    }

    /** Waits for one; fair, so that no database has to wait for ever. */
    void take(String kind) throws InterruptedException {
        free.computeIfAbsent(kind, each -> new Semaphore(limit, true)).acquire();
    }

    void leave(String kind) {
        free.get(kind).release();
    }

    /** Whether what fails now does so because we end. */
    boolean isStopping() {
        return stopping;
    }

    /** Whoever waits goes on, and finds that we end. */
    void stop() {
        stopping = true;
        free.values().forEach(waiting -> waiting.release(Short.MAX_VALUE));
    }
}
