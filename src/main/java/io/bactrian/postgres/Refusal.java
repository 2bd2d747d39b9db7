package io.bactrian.postgres;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.net.UnknownHostException;
import java.sql.SQLException;
import java.util.Optional;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** What the SQLSTATE of a refusal means to the person who has to deal with it ("PostgreSQL Error Codes" of the manual). */
enum Refusal {
    WRONG_PASSWORD(
            "28P01", "Check user and password in DATABASE_URL (percent-encode special characters), or ~/.pgpass."),
    NO_PASSWORD("08004", "Give the password in DATABASE_URL, PGPASSWORD or ~/.pgpass (chmod 600), and check sslmode."),
    NOT_ADMITTED(
            "28000",
            "Check that the role exists and may log in, sslmode, and that pg_hba.conf admits it from this host."),
    NO_DATABASE("3D000", "Check the database name at the end of DATABASE_URL; psql -l lists what there is."),
    STARTING_UP("57P03", "The server is starting up, shutting down or recovering: try again in a moment."),
    TOO_MANY_CONNECTIONS(
            "53300", "Close idle sessions, raise max_connections, or keep some with reserved_connections."),
    SHUT_DOWN("57P01", "The server was stopped or the session ended by an administrator: try again once it is back."),
    CRASHED("57P02", "Another session crashed the server: read its log, and try again."),
    DISK_FULL("53100", "Free disk space on the database server."),
    OUT_OF_MEMORY("53200", "Free memory on the database server, or lower its memory settings."),
    NOT_PERMITTED("42501", "Grant the role what it needs: sql/backup-role.sql makes one that can do all of it."),
    LOCKED("55P03", "Another session holds a lock on it: see pg_locks, and try again when it is done."),
    OBJECT_IN_USE("55006", "Other sessions use it: see pg_stat_activity, and try again when they are done."),
    READ_ONLY("25006", "This server is a standby or read-only: name the primary in DATABASE_URL."),
    ALREADY_EXISTS("42P04", "Choose another name, or drop the existing database."),
    CONNECTION(
            "08",
            "Check host, port, sslmode and sslrootcert in DATABASE_URL, that the server runs (pg_isready), and the firewall."),
    OTHER("", "The server's own log says more.");

    private static final String UNKNOWN_HOST_HINT =
            "Check the spelling of the host in DATABASE_URL, and that this machine can look it up.";

    private final String state;
    private final String hint;

    Refusal(String state, String hint) {
        this.state = state;
        this.hint = hint;
    }

    /** The most particular one: a whole SQLSTATE before its class. */
    static Refusal of(SQLException e) {
        String actual = Optional.ofNullable(e.getSQLState()).orElse("");
        for (Refusal refusal : values()) {
            if (actual.startsWith(refusal.state)) {
                return refusal;
            }
        }
        return OTHER;
    }

    /** Whether the next host of a list may do better, as libpq sees it. */
    static boolean concernsOneHost(SQLException e) {
        Refusal refusal = of(e);
        return refusal == CONNECTION || refusal == STARTING_UP;
    }

    static Failure explain(SQLException e, String doing) {
        Refusal refusal = of(e);
        boolean unknownHost = e.getCause() instanceof UnknownHostException;
        return new Failure(
                refusal == OTHER ? ExitCode.FAILED : ExitCode.PRECONDITION,
                "Cannot " + doing + ": " + (unknownHost ? "the host name is not known" : reason(e)),
                unknownHost ? UNKNOWN_HOST_HINT : refusal.hint,
                e);
    }

    private static String reason(SQLException e) {
        ServerErrorMessage fromServer = e instanceof PSQLException known ? known.getServerErrorMessage() : null;
        if (fromServer != null) {
            return fromServer.getMessage();
        }
        // what the JDK says of a refused or silent connection is in the cause; the driver only asks questions
        Throwable cause = e.getCause() != null && e.getCause().getMessage() != null ? e.getCause() : e;
        return Optional.ofNullable(cause.getMessage()).stream()
                .flatMap(String::lines)
                .findFirst()
                .orElse("no reason given");
    }
}
