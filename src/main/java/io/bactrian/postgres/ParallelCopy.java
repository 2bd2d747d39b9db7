package io.bactrian.postgres;

import io.bactrian.Failure;
import io.bactrian.stream.Streams;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rows on their way into tables, through several sessions at once: each takes the next piece of up to {@value #PIECE_BYTES} bytes
 * as soon as it is free. So a large table keeps all of them busy, and its rows keep their order but for pieces that are loaded at
 * the same time. All pieces together take {@value #MEMORY_BYTES} bytes at most, however many the sessions and however large a row.
 */
public final class ParallelCopy implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ParallelCopy.class);
    private static final int PIECE_BYTES = 256 * 1024;
    private static final int MEMORY_BYTES = 16 * 1024 * 1024;
    private static final int CANCEL_AGAIN_MILLIS = 500;
    private static final String CONNECTION_LOST = "08"; // class of SQLSTATE

    /** @param next where the session that loads this one finds its next: one for all, or within a row its own */
    private record Piece(CopyStatement statement, byte[] bytes, int length, BlockingQueue<Piece> next) {
        boolean isEnd() {
            return next == null;
        }
    }

    private final List<Lane> lanes = new ArrayList<>();
    private final BlockingQueue<byte[]> empty = new LinkedBlockingQueue<>();
    private final BlockingQueue<Piece> filled = new LinkedBlockingQueue<>();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final AtomicInteger lanesThatEnded = new AtomicInteger();
    private final Thread atShutdown = new Thread(this::stop, "stop of the load");
    /** Where the next piece goes. */
    private BlockingQueue<Piece> next = filled;

    private ParallelCopy(List<Connection> sessions) {
        int pieces = 2 * sessions.size() + 1;
        for (int piece = 0; piece < pieces; piece++) {
            empty.add(new byte[Math.min(PIECE_BYTES, MEMORY_BYTES / pieces)]);
        }
        sessions.forEach(session -> lanes.add(new Lane(session)));
        lanes.forEach(Thread::start);
    }

    /** @param session opens one; they are closed with this */
    public static ParallelCopy through(int sessions, Supplier<Connection> session) throws SQLException {
        List<Connection> opened = new ArrayList<>();
        try {
            while (opened.size() < sessions) {
                opened.add(session.get());
            }
            ParallelCopy copy = new ParallelCopy(opened);
            Runtime.getRuntime().addShutdownHook(copy.atShutdown);
            return copy;
        } catch (RuntimeException e) {
            for (Connection connection : opened) {
                connection.close();
            }
            throw e;
        }
    }

    /**
     * Takes the rows of one table, in COPY's text format: closed at their end. Writing throws what any session met, of whatever
     * table.
     */
    CopyRows rows(CopyStatement statement) {
        return new CopyRows(this, statement);
    }

    /**
     * Waits until everything is in its table.
     *
     * @throws Failure what the server said, if it took anything not
     */
    public void finish() throws IOException {
        end();
        throwFailure();
        if (lanesThatEnded.get() < lanes.size()) {
            throw new IllegalStateException("a session has ended without a word");
        }
    }

    /** Gives up whatever is not finished. */
    @Override
    public void close() throws IOException {
        try {
            if (lanes.stream().anyMatch(Thread::isAlive)) {
                giveUp(new IOException("the load was given up"));
                if (isWithinRow()) {
                    send(null, new byte[0], 0, true);
                }
                end();
            }
        } finally {
            AtShutdown.withdraw(atShutdown);
        }
    }

    /** Ctrl-C or SIGTERM. */
    private void stop() {
        giveUp(Failure.running("the load was stopped", "Nothing of it is kept; run it again."));
    }

    /** The first failure counts. The server is told, too: it may be at work for hours on what it has already. */
    private void giveUp(Throwable why) {
        if (failure.compareAndSet(null, why)) {
            lanes.forEach(Lane::cancel);
        }
    }

    void send(CopyStatement statement, byte[] bytes, int length, boolean endsRow) {
        BlockingQueue<Piece> to = next;
        if (endsRow) {
            next = filled;
        } else if (to == filled) {
            next = new LinkedBlockingQueue<>();
        }
        to.add(new Piece(statement, bytes, length, next));
    }

    /** An empty one, as soon as there is one. */
    byte[] buffer() throws IOException {
        try {
            byte[] buffer = null;
            while (buffer == null) {
                throwFailure();
                buffer = empty.poll(1, TimeUnit.SECONDS);
            }
            return buffer;
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    private void end() throws IOException {
        lanes.forEach(lane -> filled.add(new Piece(null, null, 0, null)));
        try {
            for (Lane lane : lanes) {
                lane.join(CANCEL_AGAIN_MILLIS);
                while (lane.isAlive()) {
                    if (failure.get() != null) {
                        lane.cancel(); // a server between two statements had nothing to cancel
                    }
                    lane.join(CANCEL_AGAIN_MILLIS);
                }
            }
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    void throwFailure() throws IOException {
        Streams.rethrow(failure.get());
    }

    /** Whether the next piece goes on with a row. */
    boolean isWithinRow() {
        return next != filled;
    }

    private InterruptedIOException interrupted() {
        Thread.currentThread().interrupt();
        return new InterruptedIOException("interrupted while rows were loaded");
    }

    /** One session. After a failure it goes on taking pieces, so that nobody waits for it, and drops them. */
    private final class Lane extends Thread {
        private final Connection session;
        private CopyStatement statement;
        private CopyIn copy;

        Lane(Connection session) {
            super("copy");
            this.session = session;
            setDaemon(true);
        }

        @Override
        public void run() {
            try (session) {
                for (Piece piece = filled.take();
                        !piece.isEnd();
                        piece = piece.next().take()) {
                    load(piece);
                    empty.add(piece.bytes());
                }
                endTable();
                lanesThatEnded.incrementAndGet();
            } catch (Throwable e) { // nobody else would learn of it
                fail(e);
            }
        }

        /**
         * Whatever the session is doing, and from any thread. It is not closed under a thread that reads from it, which a Unix socket
         * would not notice, unless the server can no longer be told.
         */
        void cancel() {
            try {
                session.unwrap(PGConnection.class).cancelQuery();
            } catch (SQLException | RuntimeException e) {
                LOG.debug("cannot cancel what a session does: {}", e.getMessage());
                abort();
            }
        }

        private void abort() {
            try {
                session.abort(Runnable::run);
            } catch (SQLException | RuntimeException e) { // it has ended by itself
                LOG.debug("cannot end a session: {}", e.getMessage());
            }
        }

        private void load(Piece piece) {
            if (failure.get() != null) {
                return;
            }
            try {
                if (!piece.statement().equals(statement)) {
                    endTable();
                    statement = piece.statement();
                    CopyManager copies = session.unwrap(PGConnection.class).getCopyAPI();
                    copy = copies.copyIn(statement.sql());
                }
                copy.writeToCopy(piece.bytes(), 0, piece.length());
            } catch (Throwable e) { // nobody else would learn of it
                fail(e);
            }
        }

        private void endTable() throws SQLException {
            if (copy != null && failure.get() == null) {
                copy.endCopy();
            } else if (copy != null && copy.isActive()) {
                copy.cancelCopy();
            }
            copy = null;
        }

        private void fail(Throwable e) {
            giveUp(e instanceof SQLException refusal ? explained(refusal) : e);
        }

        private Failure explained(SQLException e) {
            String doing = "load the rows of " + (statement == null ? "a table" : statement.table());
            return String.valueOf(e.getSQLState()).startsWith(CONNECTION_LOST)
                    ? Failure.running(
                            "Cannot " + doing + ": the server has ended the connection, or it broke",
                            "The server's own log says which; then run this again.")
                    : Server.explain(e, doing);
        }
    }
}
