package io.bactrian.pipeline;

import io.bactrian.postgres.Server;
import java.util.Map;

/** The server and database that a PostgreSQL program works on; they reach it by PG… variables, never by its arguments. */
interface ToolTarget {
    Server server();

    String databaseName();

    /** The variables by which a program of libpq finds them (PostgreSQL manual §34.15). */
    default Map<String, String> toolEnvironment() {
        return server().environment(databaseName());
    }
}
