package io.bactrian.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class LoadSettingsIT {
    private static final int MORE_THAN_THERE_ARE_PROCESSORS = 10_000;
    private static final String LZ4 = "default_toast_compression=lz4";

    private static ScratchServer server;

    @BeforeAll
    static void start() throws Exception {
        server = ScratchServer.start();
        server.sql("postgres", "CREATE ROLE plain LOGIN", "CREATE ROLE tuned LOGIN");
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    @Test
    void any_role_may_set_them() throws Exception {
        for (String setting : options("plain", 1).replaceFirst("^-c ", "").split(" -c ")) {
            String[] parts = setting.split("=");
            try (Connection connection = server.connect("plain", "postgres")) {
                Sql.execute(connection, "SET " + parts[0] + " = '" + parts[1] + "'");
            }
        }
    }

    @Test
    void memory_for_sorting_is_raised_and_never_lowered() throws Exception {
        assertThat(options("plain", 1)).contains("maintenance_work_mem=262144kB");
        server.sql("postgres", "ALTER ROLE tuned SET maintenance_work_mem = '1GB'");
        assertThat(options("tuned", 1)).contains("maintenance_work_mem=1048576kB");
    }

    @Test
    void an_index_has_workers_of_its_own_only_where_processors_are_left() throws Exception {
        assertThat(options("plain", MORE_THAN_THERE_ARE_PROCESSORS)).contains("max_parallel_maintenance_workers=0");
        assertThat(options("plain", 0)).doesNotContain("max_parallel_maintenance_workers");
    }

    @Test
    void large_values_are_compressed_by_lz4_unless_somebody_chose_otherwise() throws Exception {
        boolean known = server.value(
                        "postgres",
                        "SELECT count(*) FROM pg_settings WHERE name = 'default_toast_compression'"
                                + " AND 'lz4' = ANY (enumvals)")
                .equals("1");
        assertThat(options("plain", 1).contains(LZ4)).isEqualTo(known);
        if (known) {
            server.sql("postgres", "CREATE DATABASE chosen");
            server.sql("postgres", "ALTER DATABASE chosen SET default_toast_compression = 'pglz'");
            assertThat(options("plain", 1)).doesNotContain(LZ4);
            server.sql("postgres", "DROP DATABASE chosen");
        }
    }

    private static String options(String role, int jobs) throws SQLException {
        try (Connection connection = server.connect(role, "postgres")) {
            return LoadSettings.options(connection, jobs);
        }
    }
}
