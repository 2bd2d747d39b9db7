package io.bactrian.acceptance;

import static io.bactrian.acceptance.LoudFailure.assertDone;
import static io.bactrian.acceptance.LoudFailure.assertFailed;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.acceptance.Program.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** One backup, restored in every way: what is refused, what is replaced, who owns it, and what a failure leaves. */
@ExtendWith(Postgres.Shared.class)
class RestoreIT {
    private static final String COUNT = "SELECT count(*) FROM shop.customer";

    private static final String SLOW_SESSIONS =
            "FROM pg_stat_activity WHERE datname LIKE 'bactrian_restoring_%' AND query LIKE 'COPY public.slow%'";

    @TempDir
    private static Path repository;

    @TempDir
    private Path temporary;

    private Program admin;
    private List<String> databasesBefore;

    @BeforeAll
    static void back_up_a_shop(Postgres postgres) throws Exception {
        postgres.sql(
                "postgres", "CREATE ROLE shop_owner", "CREATE ROLE clerk", "CREATE DATABASE shop OWNER shop_owner");
        postgres.allowBackupsOf("shop");
        postgres.sql(
                "shop",
                "SET ROLE shop_owner",
                "CREATE SCHEMA shop",
                "CREATE TABLE shop.customer (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text)",
                "INSERT INTO shop.customer (name) SELECT 'customer ' || i FROM generate_series(1, 1000) i",
                "CREATE TABLE shop.orders (id int PRIMARY KEY, customer int REFERENCES shop.customer)",
                "INSERT INTO shop.orders SELECT i, i FROM generate_series(1, 500) i",
                "GRANT USAGE ON SCHEMA shop TO clerk",
                "GRANT SELECT ON shop.customer TO clerk");
        postgres.sql("postgres", "ALTER DATABASE shop SET work_mem = '9MB'", "GRANT CREATE ON DATABASE shop TO clerk");
        assertDone(Program.of(repository, postgres.backupUrl("shop")).run("full"));
    }

    @BeforeEach
    void look_around(Postgres postgres) throws Exception {
        admin = Program.of(repository, postgres.adminUrl("postgres")).with("BACKUP_TEMP_DIR", temporary.toString());
        databasesBefore = postgres.databases();
    }

    @AfterEach
    void nothing_is_left_behind(Postgres postgres) throws Exception {
        assertThat(temporary).isEmptyDirectory();
        assertThat(postgres.databases()).noneMatch(name -> name.startsWith("bactrian_restoring_"));
        assertThat(postgres.value(
                        "postgres",
                        "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'pg\\_restore%'"))
                .isEqualTo("0");
    }

    @Test
    void the_name_of_the_original_is_the_default_and_an_existing_database_is_refused(Postgres postgres)
            throws Exception {
        postgres.sql("shop", "CREATE TABLE untouched ()");

        Outcome refused = admin.run("restore", "latest");

        assertFailed(refused, 3, "database \"shop\" exists", "--replace", "shop_before_");
        assertThat(postgres.databases()).isEqualTo(databasesBefore);
        postgres.sql("shop", "DROP TABLE untouched");

        postgres.sql("postgres", "ALTER DATABASE shop RENAME TO shop_elsewhere");
        assertDone(admin.run("restore", "latest"));
        assertThat(postgres.wholeDump("shop")).isEqualTo(postgres.wholeDump("shop_elsewhere"));
        postgres.sql("postgres", "DROP DATABASE shop_elsewhere");
    }

    @Test
    void replace_keeps_the_old_database_and_names_the_sessions_it_ended(Postgres postgres) throws Exception {
        existing(postgres, "replaced");
        try (Connection session = postgres.connect("replaced");
                var statement = session.createStatement()) {
            statement.execute("SET application_name = 'till 7'");

            Outcome done = admin.run("restore", "latest", "replaced", "--replace", "--jobs", "3");

            assertDone(done);
            assertThat(done.out()).contains("Ended session of", "till 7", "Restored as database \"replaced\"");
            assertThat(session.isValid(1)).isFalse();
        }
        String old = postgres.databases().stream()
                .filter(name -> name.startsWith("replaced_before_"))
                .findFirst()
                .orElseThrow();
        assertThat(old).matches("replaced_before_\\d{8}T\\d{6}Z");
        assertThat(postgres.value(old, "SELECT v FROM old_content")).isEqualTo("kept");
        assertThat(postgres.value("replaced", COUNT)).isEqualTo("1000");
        assertThat(postgres.value("replaced", "SHOW work_mem")).isEqualTo("9MB");
    }

    @Test
    void drop_old_leaves_no_old_database(Postgres postgres) throws Exception {
        existing(postgres, "dropped");

        assertDone(admin.run("restore", "latest", "dropped", "--replace", "--drop-old"));

        assertThat(postgres.databases()).contains("dropped").noneMatch(name -> name.startsWith("dropped_before_"));
        assertFailed(admin.run("restore", "latest", "dropped", "--drop-old"), 2, "--drop-old without --replace");
    }

    @Test
    void no_owner_gives_everything_to_a_role_that_is_no_superuser(Postgres postgres) throws Exception {
        restoreRole(postgres, "alone");

        Outcome done = as(postgres, "alone").run("restore", "latest", "of_alone", "--no-owner");

        assertDone(done);
        assertThat(postgres.value("of_alone", COUNT)).isEqualTo("1000");
        assertThat(postgres.value(
                        "of_alone",
                        "SELECT string_agg(DISTINCT tableowner, ',') || (SELECT datdba::regrole FROM pg_database"
                                + " WHERE datname = 'of_alone') FROM pg_tables WHERE schemaname = 'shop'"))
                .isEqualTo("alonealone");
    }

    @Test
    void a_role_that_may_restore_and_is_member_of_the_owner_restores_it_as_it_was(Postgres postgres) throws Exception {
        restoreRole(postgres, "restorer");

        assertFailed(as(postgres, "restorer").run("restore", "latest", "of_member"), 3, "shop_owner", "GRANT");
        postgres.sql("postgres", "GRANT shop_owner TO restorer");
        Outcome done = as(postgres, "restorer").run("restore", "latest", "of_member");

        assertDone(done);
        assertThat(done.out()).contains("only a superuser can restore it: privileges on FUNCTION pg_switch_wal()");
        assertThat(postgres.value("of_member", COUNT)).isEqualTo("1000");
        assertThat(postgres.value(
                        "of_member",
                        "SELECT string_agg(DISTINCT tableowner, ',') FROM pg_tables WHERE schemaname = 'shop'"))
                .isEqualTo("shop_owner");
    }

    @Test
    void on_a_server_without_the_roles_globals_bring_them(Postgres postgres) throws Exception {
        try (Postgres second = Postgres.start()) {
            Program there = Program.of(repository, second.adminUrl("postgres"));

            assertFailed(there.run("restore", "latest"), 3, "shop_owner", "--globals");
            assertThat(second.databases()).noneMatch(name -> name.contains("shop") || name.startsWith("bactrian_"));

            Outcome done = there.run("restore", "latest", "--globals");
            assertDone(done);
            assertThat(done.out()).contains("role \"shop_owner\"", "role \"clerk\"");
            assertThat(second.wholeDump("shop")).isEqualTo(postgres.wholeDump("shop"));
        }
    }

    @Test
    void a_load_that_fails_leaves_no_database_and_keeps_the_old_one(Postgres postgres) throws Exception {
        postgres.createDatabase("unloadable");
        postgres.sql(
                "unloadable",
                "CREATE TABLE allowed AS SELECT 1 AS v",
                "CREATE FUNCTION is_allowed(int) RETURNS boolean LANGUAGE plpgsql AS"
                        + " 'BEGIN RETURN EXISTS (SELECT FROM allowed WHERE v = $1); END'",
                "CREATE TABLE checked (v int CHECK (is_allowed(v)))",
                "INSERT INTO checked VALUES (1)");
        Path own = repository.resolve("unloadable");
        assertDone(Program.of(own, postgres.backupUrl("unloadable")).run("full"));
        postgres.sql("unloadable", "ALTER TABLE allowed ADD COLUMN still_there int");
        databasesBefore = postgres.databases();

        Outcome failed = Program.of(own, postgres.adminUrl("postgres"))
                .with("BACKUP_TEMP_DIR", temporary.toString())
                .run("restore", "latest", "--replace");

        assertFailed(failed, 1, "Cannot load the rows of public.checked", "\"allowed\" does not exist");
        assertThat(postgres.databases()).isEqualTo(databasesBefore);
        assertThat(postgres.value("unloadable", "SELECT count(still_there) FROM allowed"))
                .isEqualTo("0");
    }

    @Test
    void a_pg_restore_that_is_killed_leaves_no_database(Postgres postgres) throws Exception {
        Process process =
                admin.with("BACKUP_RESTORE_OPTIONS", "-c post_auth_delay=1").start("restore", "latest", "killed");
        Program.Running running = Program.Running.of(process);

        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(1))
                .until(() -> process.descendants()
                                .filter(child ->
                                        child.info().command().orElse("").endsWith("pg_restore"))
                                .filter(ProcessHandle::destroyForcibly)
                                .findAny()
                                .isPresent()
                        || !process.isAlive());

        assertFailed(running.outcome(), 1, "pg_restore", "killed");
        assertThat(postgres.databases()).isEqualTo(databasesBefore);
    }

    @Test
    void a_loading_session_that_is_ended_leaves_no_database(Postgres postgres) throws Exception {
        Program.Running running = Program.Running.of(loadingSlowly(postgres, "interrupted"));
        postgres.sql("postgres", "SELECT pg_terminate_backend(pid) " + SLOW_SESSIONS);

        assertFailed(running.outcome(), 1, "Cannot load the rows of public.slow: the server has ended the connection");
        assertThat(postgres.databases()).isEqualTo(databasesBefore);
    }

    @Test
    void a_restore_that_is_stopped_while_it_loads_leaves_nothing_at_once(Postgres postgres) throws Exception {
        Process process = loadingSlowly(postgres, "stopped");
        process.destroy();

        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(postgres.value("postgres", "SELECT count(*) " + SLOW_SESSIONS))
                .isEqualTo("0");
        assertThat(postgres.databases()).isEqualTo(databasesBefore);
    }

    /** A restore whose COPY has begun and would take minutes. */
    private Process loadingSlowly(Postgres postgres, String database) throws Exception {
        postgres.createDatabase(database);
        postgres.sql(
                database,
                "CREATE FUNCTION slowly(int) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RETURN true; END'",
                "CREATE TABLE slow (v int CHECK (slowly(v)))",
                "INSERT INTO slow SELECT generate_series(1, 2000)",
                "CREATE OR REPLACE FUNCTION slowly(int) RETURNS boolean LANGUAGE plpgsql AS"
                        + " 'BEGIN PERFORM pg_catalog.pg_sleep(0.1); RETURN true; END'");
        Path own = repository.resolve(database);
        assertDone(Program.of(own, postgres.backupUrl(database)).run("full"));
        databasesBefore = postgres.databases();
        Process process = Program.of(own, postgres.adminUrl("postgres"))
                .with("BACKUP_TEMP_DIR", temporary.toString())
                .start("restore", "latest", database + "_copy");
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> postgres.value("postgres", "SELECT count(*) " + SLOW_SESSIONS)
                        .equals("1"));
        return process;
    }

    @Test
    void rows_are_loaded_in_time_zone_and_date_style_of_the_server_on_which_a_check_may_depend(Postgres postgres)
            throws Exception {
        postgres.createDatabase("zoned");
        postgres.sql("postgres", "ALTER DATABASE zoned SET TimeZone = 'Pacific/Kiritimati'");
        postgres.sql(
                "zoned",
                "CREATE TABLE visit (at timestamptz, day date CHECK (day = at::date))",
                "SET DateStyle = 'ISO, DMY'",
                "CREATE TABLE note (day text CHECK (day::date > '2000-01-01'))",
                "INSERT INTO note VALUES ('13/02/2026')",
                "SET TimeZone = 'Pacific/Kiritimati'",
                "INSERT INTO visit SELECT at, at::date FROM generate_series(timestamptz '2026-01-01 00:00Z',"
                        + " '2026-01-03 00:00Z', '1 hour') at");
        Path own = repository.resolve("zoned");
        assertDone(Program.of(own, postgres.backupUrl("zoned")).run("full"));
        String zone = postgres.value("postgres", "SHOW TimeZone");
        try {
            postgres.sql(
                    "postgres",
                    "ALTER SYSTEM SET TimeZone = 'Pacific/Kiritimati'",
                    "ALTER SYSTEM SET DateStyle = 'ISO, DMY'",
                    "SELECT pg_reload_conf()");
            assertDone(Program.of(own, postgres.adminUrl("postgres"))
                    .with("TZ", "America/New_York")
                    .with("BACKUP_TEMP_DIR", temporary.toString())
                    .run("restore", "latest", "zoned_copy"));
        } finally {
            postgres.sql(
                    "postgres",
                    "ALTER SYSTEM SET TimeZone = '" + zone + "'",
                    "ALTER SYSTEM RESET DateStyle",
                    "SELECT pg_reload_conf()");
        }
        assertThat(postgres.dump("zoned_copy")).isEqualTo(postgres.dump("zoned"));
    }

    @Test
    void rows_that_differ_from_the_proof_are_an_integrity_failure_and_nothing_is_swapped(Postgres postgres)
            throws Exception {
        existing(postgres, "differs");
        databasesBefore = postgres.databases();
        Program loses = edited("settle.camel.yaml", "      steps:\n", """
                      steps:
                        - to:
                            id: settle-loses-a-row
                            description: A fault, injected
                            uri: exec:psql
                            parameters:
                              args: --command="DELETE FROM shop.customer WHERE id = 1000" --no-password
                              binding: "#postgresTool"
                              commandExecutor: "#postgresTool"
                        - process:
                            id: settle-lost
                            description: Wait for its end
                            ref: end
                """);

        Outcome failed = loses.run("restore", "latest", "differs", "--replace");

        assertFailed(failed, 4, "differs from the one that was backed up", "shop.customer", "1000", "999");
        assertThat(postgres.databases()).isEqualTo(databasesBefore);
        assertThat(postgres.value("differs", "SELECT v FROM old_content")).isEqualTo("kept");
    }

    @Test
    void the_loading_sessions_have_the_settings_that_were_asked_for(Postgres postgres) throws Exception {
        Program shows = edited("settle.camel.yaml", "      steps:\n", """
                      steps:
                        - to:
                            id: settle-shows
                            description: Keeps what the session has
                            uri: exec:psql
                            parameters:
                              args: --command="CREATE TABLE shop.seen AS SELECT current_setting('maintenance_work_mem') AS m, current_setting('synchronous_commit') AS c" --no-password
                              binding: "#postgresTool"
                              commandExecutor: "#postgresTool"
                        - process:
                            id: settle-shown
                            description: Wait for its end
                            ref: end
                """);

        assertDone(shows.run("restore", "latest", "seen", "--no-compare", "--no-analyze"));
        assertThat(postgres.value("seen", "SELECT m || ' ' || c FROM shop.seen"))
                .isEqualTo("256MB off");
        assertThat(postgres.value("seen", "SELECT count(*) FROM pg_stats WHERE tablename = 'customer'"))
                .isEqualTo("0");
    }

    private static void existing(Postgres postgres, String database) throws Exception {
        postgres.sql("postgres", "CREATE DATABASE " + database);
        postgres.sql(database, "CREATE TABLE old_content AS SELECT 'kept' AS v");
    }

    /** sql/backup-role.sql with restore=1, as the documentation says. */
    private static void restoreRole(Postgres postgres, String role) throws Exception {
        postgres.psql(
                "postgres",
                "-v",
                "role=" + role,
                "-v",
                "password=" + Postgres.PASSWORD,
                "-v",
                "restore=1",
                "-f",
                Program.HOME.resolve("sql/backup-role.sql").toString());
    }

    private Program as(Postgres postgres, String role) {
        return Program.of(repository, postgres.cluster().url(role, Postgres.PASSWORD, "postgres"))
                .with("BACKUP_TEMP_DIR", temporary.toString());
    }

    private Program edited(String file, String text, String replacement) throws Exception {
        Path installation = repository.resolve("installation-" + System.nanoTime());
        Program program = admin.installedIn(installation);
        Path route = installation.resolve("routes").resolve(file);
        String before = Files.readString(route);
        int place = before.indexOf(text);
        assertThat(place).isNotNegative();
        Files.writeString(route, before.substring(0, place) + replacement + before.substring(place + text.length()));
        return program;
    }
}
