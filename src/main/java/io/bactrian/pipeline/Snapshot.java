package io.bactrian.pipeline;

import io.bactrian.postgres.Proof;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
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

    void startProof(Proof.Level level) {
        CompletableFuture<Proof> taken = new CompletableFuture<>();
        PROOF_THREAD.execute(() -> {
            try {
                taken.complete(proof(level));
            } catch (SQLException | RuntimeException e) {
                taken.completeExceptionally(e);
            }
        });
        proof = taken;
    }

    /** A proof that fails must not take the snapshot with it: pg_dump, which may still have to begin, tells its own story. */
    private Proof proof(Proof.Level level) throws SQLException {
        Savepoint before = connection.setSavepoint();
        try {
            return Proof.take(connection, level);
        } catch (SQLException e) {
            try {
                connection.rollback(before);
            } catch (SQLException gone) {
                e.addSuppressed(gone);
            }
            throw e;
        }
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
