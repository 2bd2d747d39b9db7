package io.bactrian.pipeline;

import io.bactrian.postgres.Proof;
import io.bactrian.postgres.ProofBesideDump;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;

/**
 * The transaction that every part of a full backup looks through. Exported by name to pg_dump (PostgreSQL manual §9.28.5), and
 * used by the proof itself, in a thread of its own while pg_dump works.
 */
final class Snapshot implements AutoCloseable {
    private static final Executor PROOF_THREAD = work -> {
        Thread thread = new Thread(work, "proof");
        thread.setDaemon(true);
        thread.start();
    };

    private final String name;
    private final Connection connection;
    private CompletableFuture<Proof> proof;

    Snapshot(String name, Connection connection) {
        this.name = name;
        this.connection = connection;
    }

    String name() {
        return name;
    }

    Connection connection() {
        return connection;
    }

    /** To be called once pg_dump has its locks, since those of the proof, taken here, must come after them; counts in a thread. */
    void startProof(Proof.Level level) throws SQLException {
        ProofBesideDump begun = ProofBesideDump.lock(connection, level);
        CompletableFuture<Proof> taken = new CompletableFuture<>();
        PROOF_THREAD.execute(() -> {
            try {
                taken.complete(begun.take());
            } catch (SQLException | RuntimeException e) {
                taken.completeExceptionally(e);
            }
        });
        proof = taken;
    }

    /** Waits for the proof, if one was started, and ends the transaction: nothing holds back vacuum after this. */
    Optional<Proof> release() throws Exception {
        try {
            return proof == null ? Optional.empty() : Optional.of(proof.get());
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        } finally {
            close();
        }
    }

    /** A proof that still runs is aborted. */
    @Override
    public void close() throws SQLException {
        if (proof != null && !proof.isDone()) {
            connection.abort(Runnable::run);
        }
        connection.close();
    }
}
