package io.bactrian.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.ExitCode;
import io.bactrian.Failure;
import io.bactrian.postgres.DatabaseProperties.Grant;
import io.bactrian.postgres.DatabaseProperties.Setting;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class DatabasePropertiesIT {
    private static final String ODD = "Ödd \"da$(ta)\" \\b %s";
    private static final String ODD_SQL = "\"Ödd \"\"da$(ta)\"\" \\b %s\"";
    private static ScratchServer server;

    @BeforeAll
    static void start() throws Exception {
        server = ScratchServer.start();
        server.sql(
                "postgres",
                "CREATE ROLE \"Own er\"\"s\"",
                "CREATE ROLE \"re ader\\\"",
                "CREATE ROLE maker LOGIN CREATEDB",
                "CREATE ROLE backup LOGIN REPLICATION",
                "GRANT pg_read_all_data, pg_monitor TO backup",
                "CREATE DATABASE " + ODD_SQL + " TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'"
                        + " OWNER \"Own er\"\"s\" CONNECTION LIMIT 7",
                "ALTER DATABASE " + ODD_SQL + " SET search_path TO public, \"$user\", 'a, b', 'Qu\"o'",
                "ALTER DATABASE " + ODD_SQL + " SET datestyle TO 'ISO, DMY'",
                "ALTER DATABASE " + ODD_SQL + " SET work_mem TO '17MB'",
                "ALTER DATABASE " + ODD_SQL + " SET \"app.Setting\" TO E'it''s = \\\\ %'",
                "ALTER DATABASE " + ODD_SQL + " SET temp_tablespaces TO ''",
                "ALTER ROLE \"re ader\\\" IN DATABASE " + ODD_SQL + " SET timezone TO 'Europe/Oslo'",
                "REVOKE ALL ON DATABASE " + ODD_SQL + " FROM PUBLIC",
                "GRANT CONNECT ON DATABASE " + ODD_SQL + " TO \"re ader\\\" WITH GRANT OPTION",
                "COMMENT ON DATABASE " + ODD_SQL + " IS E'two\nlines ''quoted'' \\\\ $$ %s'");
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    @Test
    void a_database_made_from_its_properties_has_the_same_properties() throws Exception {
        DatabaseProperties original = read("postgres", ODD);

        try (Connection maintenance = server.connect("postgres")) {
            assertThat(original.create(maintenance, "copy of $(it)")).isEmpty();
            assertThat(original.apply(maintenance, "copy of $(it)")).isEmpty();
        }

        assertThat(read("postgres", "copy of $(it)"))
                .usingRecursiveComparison()
                .ignoringFields("name")
                .isEqualTo(original);
        assertThat(settingsAsStored("copy of $(it)")).isEqualTo(settingsAsStored(ODD));
        assertThat(privilegesAsStored("copy of $(it)")).isEqualTo(privilegesAsStored(ODD));
    }

    @Test
    void the_least_privileged_role_reads_all_of_them() throws Exception {
        server.sql("postgres", "GRANT CONNECT ON DATABASE " + ODD_SQL + " TO backup");
        try {
            assertThat(read("backup", ODD)).isEqualTo(read("postgres", ODD));
        } finally {
            server.sql("postgres", "REVOKE CONNECT ON DATABASE " + ODD_SQL + " FROM backup");
        }
    }

    @Test
    void properties_are_read_as_they_are() throws Exception {
        DatabaseProperties properties = read("postgres", ODD);

        assertThat(properties.name()).isEqualTo(ODD);
        assertThat(properties.encoding()).isEqualTo("UTF8");
        assertThat(properties.localeProvider()).isEqualTo("libc");
        assertThat(properties.collate()).isEqualTo("C");
        assertThat(properties.owner()).isEqualTo("Own er\"s");
        assertThat(properties.connectionLimit()).isEqualTo(7);
        assertThat(properties.comment()).isEqualTo("two\nlines 'quoted' \\ $$ %s");
        assertThat(properties.settings())
                .contains(
                        new Setting(null, "search_path", List.of("public", "$user", "a, b", "Qu\"o")),
                        new Setting(null, "DateStyle", List.of("ISO, DMY")),
                        new Setting(null, "temp_tablespaces", List.of("")),
                        new Setting("re ader\\", "TimeZone", List.of("Europe/Oslo")));
        assertThat(properties.defaultGrants()).isFalse();
        assertThat(properties.grants())
                .contains(new Grant("re ader\\", "CONNECT", true))
                .noneMatch(grant -> grant.role() == null);
    }

    @Test
    void other_encodings_come_back() throws Exception {
        server.sql(
                "postgres", "CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'");
        DatabaseProperties original = read("postgres", "latin");

        try (Connection maintenance = server.connect("postgres")) {
            assertThat(original.create(maintenance, "latin copy")).isEmpty();
        }

        assertThat(read("postgres", "latin copy").encoding()).isEqualTo("LATIN1");
    }

    @Test
    void icu_locales_come_back() throws Exception {
        server.sql(
                "postgres",
                "CREATE DATABASE icu TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'nb-NO' LC_COLLATE 'C' LC_CTYPE 'C'");
        DatabaseProperties original = read("postgres", "icu");

        try (Connection maintenance = server.connect("postgres")) {
            assertThat(original.create(maintenance, "icu copy")).isEmpty();
        }

        DatabaseProperties copy = read("postgres", "icu copy");
        assertThat(copy.localeProvider()).isEqualTo("icu");
        assertThat(copy.locale()).isEqualTo("nb-NO");
        assertThat(copy.collationVersion()).isNotNull().isEqualTo(original.collationVersion());
        assertThat(copy.defaultGrants()).isTrue();
    }

    @Test
    void builtin_locales_and_icu_rules_come_back_on_servers_that_have_them() throws Exception {
        assumeThat(Integer.parseInt(server.value("postgres", "SHOW server_version_num")))
                .isGreaterThanOrEqualTo(170_000);
        server.sql(
                "postgres",
                "CREATE DATABASE builtin TEMPLATE template0 LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'"
                        + " LC_COLLATE 'C' LC_CTYPE 'C'",
                "CREATE DATABASE ruled TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en' ICU_RULES '&a < \\Z'"
                        + " LC_COLLATE 'C' LC_CTYPE 'C'");

        for (String database : List.of("builtin", "ruled")) {
            DatabaseProperties original = read("postgres", database);
            try (Connection maintenance = server.connect("postgres")) {
                assertThat(original.create(maintenance, database + " copy")).isEmpty();
            }
            assertThat(read("postgres", database + " copy"))
                    .usingRecursiveComparison()
                    .ignoringFields("name")
                    .isEqualTo(original);
        }
        assertThat(read("postgres", "builtin").locale()).isEqualTo("C.UTF-8");
        assertThat(read("postgres", "ruled").icuRules()).isEqualTo("&a < \\Z");
    }

    @Test
    void properties_survive_json() throws Exception {
        DatabaseProperties properties = read("postgres", ODD);
        ObjectMapper json = new ObjectMapper();

        assertThat(json.readValue(json.writeValueAsString(properties), DatabaseProperties.class))
                .isEqualTo(properties);
    }

    @Test
    void a_missing_owner_is_refused_with_the_way_to_bring_it() throws Exception {
        server.sql("postgres", "CREATE ROLE gone", "CREATE DATABASE orphan OWNER gone");
        DatabaseProperties properties = read("postgres", "orphan");
        server.sql("postgres", "DROP DATABASE orphan", "DROP ROLE gone");

        try (Connection maintenance = server.connect("postgres")) {
            assertThatThrownBy(() -> properties.create(maintenance, "orphan copy"))
                    .isInstanceOfSatisfying(Failure.class, failure -> {
                        assertThat(failure.exitCode()).isEqualTo(ExitCode.PRECONDITION);
                        assertThat(failure).hasMessageContaining("\"gone\"");
                        assertThat(failure.hint()).contains("--globals");
                    });
        }
    }

    @Test
    void a_role_that_may_not_give_the_database_to_its_owner_is_told_what_it_needs() throws Exception {
        DatabaseProperties properties = read("postgres", ODD);

        try (Connection maintenance = server.connect("maker", "postgres")) {
            assertThatThrownBy(() -> properties.create(maintenance, "not mine"))
                    .isInstanceOfSatisfying(Failure.class, failure -> {
                        assertThat(failure.exitCode()).isEqualTo(ExitCode.PRECONDITION);
                        assertThat(failure.hint()).contains("GRANT \"Own er\"\"s\" TO \"maker\"");
                    });
        }
    }

    @Test
    void an_existing_database_is_refused() throws Exception {
        DatabaseProperties properties = read("postgres", ODD);

        try (Connection maintenance = server.connect("postgres")) {
            assertThatThrownBy(() -> properties.create(maintenance, ODD))
                    .isInstanceOfSatisfying(Failure.class, failure -> {
                        assertThat(failure.exitCode()).isEqualTo(ExitCode.PRECONDITION);
                        assertThat(failure.hint()).contains("--replace");
                    });
        }
    }

    @Test
    void a_locale_the_server_lacks_is_named() throws Exception {
        ObjectMapper json = new ObjectMapper();
        String foreign = json.writeValueAsString(read("postgres", ODD))
                .replace("\"collate\":\"C\"", "\"collate\":\"xx_XX.ISO-8859-1\"");
        DatabaseProperties properties = json.readValue(foreign, DatabaseProperties.class);

        try (Connection maintenance = server.connect("postgres")) {
            assertThatThrownBy(() -> properties.create(maintenance, "elsewhere"))
                    .isInstanceOfSatisfying(Failure.class, failure -> {
                        assertThat(failure.exitCode()).isEqualTo(ExitCode.PRECONDITION);
                        assertThat(failure.hint()).contains("xx_XX.ISO-8859-1");
                    });
        }
    }

    @Test
    void what_a_server_refuses_costs_a_warning_without_the_settings_value() throws Exception {
        server.sql(
                "postgres",
                "CREATE ROLE leaver",
                "CREATE DATABASE partly",
                "ALTER ROLE leaver IN DATABASE partly SET \"app.secret\" TO 'canary'",
                "GRANT CREATE ON DATABASE partly TO leaver",
                "ALTER DATABASE partly SET work_mem TO '18MB'");
        DatabaseProperties properties = read("postgres", "partly");
        server.sql(
                "postgres",
                "REVOKE CREATE ON DATABASE partly FROM leaver",
                "ALTER ROLE leaver IN DATABASE partly RESET ALL",
                "DROP ROLE leaver");

        try (Connection maintenance = server.connect("postgres")) {
            properties.create(maintenance, "partly copy");
            assertThat(properties.apply(maintenance, "partly copy"))
                    .hasSize(2)
                    .allSatisfy(warning -> assertThat(warning).contains("role \"leaver\" does not exist"))
                    .noneSatisfy(warning -> assertThat(warning).contains("canary"));
        }
        assertThat(read("postgres", "partly copy").settings())
                .containsExactly(new Setting(null, "work_mem", List.of("18MB")));
    }

    @Test
    void the_tablespace_is_used_where_it_exists_and_else_the_default_with_a_warning() throws Exception {
        server.sql(
                "postgres",
                "CREATE TABLESPACE \"fast disk\" LOCATION '" + server.serverFolder("fast") + "'",
                "CREATE DATABASE placed TABLESPACE \"fast disk\"");
        DatabaseProperties properties = read("postgres", "placed");

        try (Connection maintenance = server.connect("postgres")) {
            properties.create(maintenance, "placed too");
            assertThat(read("postgres", "placed too").tablespace()).isEqualTo("fast disk");
            server.sql(
                    "postgres",
                    "DROP DATABASE placed",
                    "DROP DATABASE \"placed too\"",
                    "DROP TABLESPACE \"fast disk\"");
            assertThat(properties.create(maintenance, "placed elsewhere"))
                    .singleElement()
                    .asString()
                    .contains("fast disk");
        }
    }

    private static DatabaseProperties read(String user, String database) throws SQLException {
        try (Connection connection = server.connect(user, database)) {
            return DatabaseProperties.read(connection);
        }
    }

    private static String settingsAsStored(String database) throws SQLException {
        return server.value(
                database,
                "SELECT string_agg(setrole || setconfig::text, ';' ORDER BY setrole) FROM pg_db_role_setting s"
                        + " JOIN pg_database d ON d.oid = setdatabase AND datname = current_database()");
    }

    private static String privilegesAsStored(String database) throws SQLException {
        return server.value(database, "SELECT datacl::text FROM pg_database WHERE datname = current_database()");
    }
}
