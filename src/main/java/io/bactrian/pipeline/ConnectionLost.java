package io.bactrian.pipeline;

import io.bactrian.Failure;
import java.io.IOException;
import java.util.List;

/**
 * A program that receives WAL lost its server, or did not find it: worth another try, since a server that is restarted or fails over
 * is back soon. Routes name this class; the cause is what a person is told when the tries are used up.
 */
public final class ConnectionLost extends IOException {
    private static final long serialVersionUID = 1L;

    /** As libpq, the server and pg_receivewal say it; a wrong password or a missing right is no such thing. */
    private static final List<String> WORDS = List.of(
            "server closed the connection",
            "terminating connection",
            "replication stream was terminated",
            "connection has been closed",
            "Is the server running", // refused, or no socket
            "Connection reset",
            "Connection timed out",
            "timeout expired",
            "No route to host",
            "the database system is starting up",
            "the database system is shutting down",
            "the database system is in recovery mode");

    ConnectionLost(Failure failure) {
        super(failure.getMessage(), failure);
    }

    static boolean isMeantBy(Failure failure) {
        return WORDS.stream().anyMatch(failure.getMessage()::contains);
    }
}
