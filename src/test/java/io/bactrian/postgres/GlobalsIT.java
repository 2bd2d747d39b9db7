package io.bactrian.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What pg_dumpall writes on one server is applied to another, which starts empty for each test. */
class GlobalsIT {
    private static final String SECRETS =
            "SELECT string_agg(rolname || rolpassword, ';' ORDER BY rolname) FROM pg_authid"
                    + " WHERE rolpassword IS NOT NULL";
    private static ScratchServer source;
    private ScratchServer target;
    private Path fast;

    @BeforeAll
    static void start() throws Exception {
        source = ScratchServer.start();
        source.sql(
                "postgres",
                "CREATE ROLE \"gro;up -- $(x)\"",
                "CREATE ROLE \"Own er's \"\"Ü\"\" \\ %s\" LOGIN CREATEDB PASSWORD 'pa;ss''word' VALID UNTIL '2030-01-01'"
                        + " CONNECTION LIMIT 3",
                "GRANT \"gro;up -- $(x)\" TO \"Own er's \"\"Ü\"\" \\ %s\" WITH ADMIN OPTION",
                "GRANT pg_monitor TO \"gro;up -- $(x)\"",
                "ALTER ROLE \"Own er's \"\"Ü\"\" \\ %s\" SET search_path TO 'a, b', public",
                "ALTER ROLE \"Own er's \"\"Ü\"\" \\ %s\" IN DATABASE postgres SET work_mem TO '19MB'",
                "COMMENT ON ROLE \"gro;up -- $(x)\" IS E'two; \\nlines -- ''quoted'' $$'",
                "GRANT SET ON PARAMETER log_min_messages TO \"gro;up -- $(x)\"",
                "CREATE ROLE app LOGIN SUPERUSER PASSWORD 'original'",
                "ALTER ROLE app SET work_mem TO '20MB'",
                "CREATE TABLESPACE \"fast disk\" OWNER app LOCATION '" + source.serverFolder("fast") + "'",
                "ALTER TABLESPACE \"fast disk\" SET (random_page_cost = 1.5)",
                "GRANT CREATE ON TABLESPACE \"fast disk\" TO \"gro;up -- $(x)\"",
                "CREATE TABLESPACE nowhere LOCATION '" + source.serverFolder("nowhere") + "'");
    }

    @AfterAll
    static void stop() throws IOException {
        source.close();
    }

    @BeforeEach
    void startTarget() throws Exception {
        target = ScratchServer.start();
        fast = target.serverFolder("fast");
    }

    @AfterEach
    void stopTarget() throws IOException {
        target.close();
    }

    @Test
    void an_empty_server_gets_every_role_with_all_that_is_its_own() throws Exception {
        Globals.Report report = apply("postgres");

        assertThat(report.created())
                .contains("role \"gro;up -- $(x)\"", "role \"Own er's \"Ü\" \\ %s\"", "role \"app\"");
        assertThat(report.skipped()).containsExactly("role \"postgres\"");
        assertThat(report.failed())
                .singleElement()
                .satisfies(failure -> assertThat(failure.what()).isEqualTo("CREATE tablespace \"nowhere\""))
                .satisfies(failure -> assertThat(failure.reason()).contains("does not exist"));
        assertThat(target.value("postgres", SECRETS)).isEqualTo(source.value("postgres", SECRETS));
        for (String property : new String[] {
            "SELECT string_agg(r::text, ';' ORDER BY rolname) FROM (SELECT rolname, rolsuper, rolcreatedb, rolcanlogin,"
                    + " rolconnlimit, rolvaliduntil, rolconfig FROM pg_roles) r",
            "SELECT string_agg(roleid::regrole::text || member::regrole || admin_option, ';' ORDER BY 1) FROM pg_auth_members",
            "SELECT string_agg(description, ';') FROM pg_shdescription WHERE classoid = 'pg_authid'::regclass",
            "SELECT string_agg(paracl::text, ';') FROM pg_parameter_acl",
            "SELECT spcowner::regrole || spcacl::text || spcoptions FROM pg_tablespace WHERE spcname = 'fast disk'",
        }) {
            assertThat(target.value("postgres", property)).isNotNull().isEqualTo(source.value("postgres", property));
        }
    }

    @Test
    void existing_roles_keep_their_passwords_attributes_and_settings() throws Exception {
        target.sql("postgres", "CREATE ROLE app LOGIN PASSWORD 'kept'", "COMMENT ON ROLE app IS 'kept too'");
        String before = target.value("postgres", SECRETS);

        Globals.Report report = apply("postgres");

        assertThat(report.skipped()).contains("role \"app\"");
        assertThat(report.created()).doesNotContain("role \"app\"");
        assertThat(target.value("postgres", SECRETS)).contains(before);
        assertThat(target.value(
                        "postgres",
                        "SELECT rolsuper || coalesce(rolconfig::text, '-') FROM pg_roles WHERE rolname = 'app'"))
                .isEqualTo("false-");
    }

    @Test
    void a_second_time_creates_nothing() throws Exception {
        apply("postgres");
        Globals.Report again = apply("postgres");

        assertThat(again.created()).isEmpty();
        assertThat(again.failed()).extracting(Globals.Failed::what).containsExactly("CREATE tablespace \"nowhere\"");
        assertThat(again.skipped()).contains("role \"app\"", "role \"postgres\"", "tablespace \"fast disk\"");
    }

    @Test
    void a_role_that_cannot_have_its_attributes_is_not_left_half_made_and_its_password_not_told() throws Exception {
        target.sql("postgres", "CREATE ROLE maker LOGIN CREATEROLE CREATEDB");

        Globals.Report report = apply("maker");

        assertThat(report.created()).contains("role \"gro;up -- $(x)\"").doesNotContain("role \"app\"");
        assertThat(report.failed()).extracting(Globals.Failed::what).contains("CREATE role \"app\"");
        assertThat(target.value("postgres", "SELECT count(*) FROM pg_authid WHERE rolpassword LIKE 'SCRAM%'"))
                .isEqualTo("1");
        assertThat(report).asString().doesNotContain("SCRAM");
        assertThat(target.value("postgres", "SELECT count(*) FROM pg_roles WHERE rolname = 'app'"))
                .isEqualTo("0");
    }

    @Test
    void a_new_group_is_given_to_its_existing_members() throws Exception {
        target.sql("postgres", "CREATE ROLE \"Own er's \"\"Ü\"\" \\ %s\"");

        apply("postgres");

        assertThat(target.value(
                        "postgres",
                        "SELECT string_agg(member::regrole::text, '') FROM pg_auth_members"
                                + " WHERE roleid = '\"gro;up -- $(x)\"'::regrole"))
                .isEqualTo("\"Own er's \"\"Ü\"\" \\ %s\"");
    }

    private Globals.Report apply(String user) throws IOException, SQLException {
        String script = source.run("postgres", "postgres", "pg_dumpall", "--globals-only")
                .replace(source.folder("nowhere").toString(), "/nonexistent")
                .replace(source.folder("fast").toString(), fast.toString());
        try (Connection connection = target.connect(user, "postgres")) {
            return Globals.parse(script).apply(connection);
        }
    }
}
