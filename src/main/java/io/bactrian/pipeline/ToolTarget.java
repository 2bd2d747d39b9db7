package io.bactrian.pipeline;

import io.bactrian.postgres.Server;
import java.util.Map;
import org.apache.camel.Exchange;

/** The server and database that a PostgreSQL program works on; they reach it by PG… variables, never by its arguments. */
interface ToolTarget {
    Server server();

    String databaseName();

    /** The variables by which a program of libpq finds them (PostgreSQL manual §34.15). */
    default Map<String, String> toolEnvironment() {
        return server().environment(databaseName());
    }

    /** The database that is restored to or dumped; null where a program works on files alone. */
    static ToolTarget of(Exchange exchange) {
        Restore restore = Restore.of(exchange);
        return restore != null ? restore : Backup.of(exchange);
    }
}
