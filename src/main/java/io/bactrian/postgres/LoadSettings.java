package io.bactrian.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * The session settings under which a load is fast, of those that any role may set and that this server knows. What the site has
 * chosen for itself stays.
 */
public final class LoadSettings {
    private static final int SORT_MEMORY_KB = 256 * 1024;

    /** lz4 takes a third of pglz's time; it is known from PostgreSQL 14 on, where the build has it. */
    private static final String MAY_USE_LZ4 = """
            EXISTS (SELECT FROM pg_catalog.pg_settings
                     WHERE name = 'default_toast_compression' AND source = 'default' AND 'lz4' = ANY (enumvals))
            AND NOT EXISTS (SELECT FROM pg_catalog.pg_db_role_setting
                             WHERE setconfig::text LIKE '%default_toast_compression=%')""";

    private LoadSettings() {}

    /**
     * @param jobs sessions that load at the same time
     * @return for PGOPTIONS
     */
    public static String options(Connection server, int jobs) throws SQLException {
        List<String> options =
                new ArrayList<>(List.of("synchronous_commit=off", "statement_timeout=0", sortMemory(server)));
        if (jobs >= Runtime.getRuntime().availableProcessors() && Sql.isTrue(server, Databases.SERVER_IS_HERE)) {
            options.add("max_parallel_maintenance_workers=0"); // they would take processors from the other sessions
        }
        if (Sql.isTrue(server, MAY_USE_LZ4)) {
            options.add("default_toast_compression=lz4");
        }
        return "-c " + String.join(" -c ", options);
    }

    private static String sortMemory(Connection server) throws SQLException {
        return Sql.rows(
                        server,
                        "SELECT greatest(" + SORT_MEMORY_KB + ", setting::bigint) FROM pg_catalog.pg_settings"
                                + " WHERE name = 'maintenance_work_mem'",
                        row -> "maintenance_work_mem=" + row.getLong(1) + "kB")
                .get(0);
    }
}
