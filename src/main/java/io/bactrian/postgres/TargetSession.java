package io.bactrian.postgres;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** Which kind of server will do: libpq's {@code target_session_attrs}. */
enum TargetSession {
    ANY,
    READ_WRITE,
    READ_ONLY,
    PRIMARY,
    STANDBY,
    PREFER_STANDBY;

    static final Set<String> TEXTS =
            Arrays.stream(values()).map(TargetSession::text).collect(Collectors.toUnmodifiableSet());

    static TargetSession of(String text) {
        return valueOf(text.replace('-', '_').toUpperCase(Locale.ROOT));
    }

    String text() {
        return name().replace('_', '-').toLowerCase(Locale.ROOT);
    }

    boolean accepts(Connection connection) throws SQLException {
        return switch (this) {
            case ANY -> true;
            case READ_WRITE -> !isOn(connection, "SHOW transaction_read_only");
            case READ_ONLY -> isOn(connection, "SHOW transaction_read_only");
            case PRIMARY -> !isOn(connection, "SELECT pg_is_in_recovery()");
            case STANDBY, PREFER_STANDBY -> isOn(connection, "SELECT pg_is_in_recovery()");
        };
    }

    private static boolean isOn(Connection connection, String question) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet answer = statement.executeQuery(question)) {
            return answer.next() && answer.getBoolean(1);
        }
    }
}
