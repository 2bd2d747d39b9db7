package io.bactrian.acceptance;

import static io.bactrian.acceptance.LoudFailure.assertDone;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.acceptance.Program.Outcome;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Whatever PostgreSQL can hold comes back as it was, backed up with the least-privilege role. */
@ExtendWith(Postgres.Shared.class)
class OddContentIT {
    private static final List<String> PROPERTIES = List.of(
            "SELECT to_jsonb(d) - 'oid' - 'datname' - 'datacl' - 'datfrozenxid' - 'datminmxid' - 'datlastsysoid' FROM pg_database d"
                    + " WHERE datname = '$db'",
            "SELECT jsonb_agg(to_jsonb(s) - 'setdatabase' ORDER BY s.setrole::regrole::text) FROM pg_db_role_setting s"
                    + " WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = '$db')",
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '$db'",
            "SELECT string_agg(convert_from(lo_get(oid), 'UTF8') || lomowner::regrole || lomacl::text, ' ' ORDER BY oid)"
                    + " FROM pg_largeobject_metadata",
            "SELECT last_value || ' ' || is_called FROM \"Od,d\".\"My Seq\"",
            "SELECT string_agg(b || ':' || total, ',' ORDER BY b) FROM pen_summary");

    @TempDir
    private Path folder;

    @Test
    void every_kind_of_object_and_property_comes_back(Postgres postgres) throws Exception {
        postgres.sql(
                "postgres",
                "CREATE ROLE \"Zoo keeper\"",
                "CREATE ROLE visitor",
                "CREATE ROLE lo_owner",
                "CREATE DATABASE zoo OWNER \"Zoo keeper\" TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu"
                        + " ICU_LOCALE 'sv-SE' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8' CONNECTION LIMIT 17",
                "COMMENT ON DATABASE zoo IS E'it''s a\\nzoo'",
                "ALTER DATABASE zoo SET search_path = \"$user\", public, \"Od,d\"",
                "ALTER DATABASE zoo SET \"my.secret\" = 'a''b\\c'",
                "ALTER DATABASE zoo SET work_mem = '7MB'",
                "ALTER ROLE visitor IN DATABASE zoo SET statement_timeout = '3s'",
                "REVOKE ALL ON DATABASE zoo FROM PUBLIC",
                "GRANT CONNECT, TEMPORARY ON DATABASE zoo TO visitor WITH GRANT OPTION",
                "ALTER ROLE " + Postgres.BACKUP_ROLE + " BYPASSRLS",
                "GRANT lo_owner TO " + Postgres.BACKUP_ROLE);
        postgres.allowBackupsOf("zoo");
        postgres.sql("postgres", "ALTER ROLE " + Postgres.BACKUP_ROLE + " BYPASSRLS");
        postgres.psql("zoo", "-f", resource("zoo.sql").toString());

        Outcome full = Program.of(folder, postgres.backupUrl("zoo")).run("full");
        postgres.sql("postgres", "ALTER ROLE " + Postgres.BACKUP_ROLE + " NOBYPASSRLS");
        assertDone(full);

        Outcome restored = Program.of(folder, postgres.adminUrl("postgres"))
                .run("restore", "latest", "zoo_restored", "--jobs", "2");
        assertDone(restored);
        assertThat(postgres.wholeDump("zoo_restored")).isEqualTo(postgres.wholeDump("zoo"));
        for (String query : PROPERTIES) {
            assertThat(postgres.value("zoo_restored", query.replace("$db", "zoo_restored")))
                    .as(query)
                    .isEqualTo(postgres.value("zoo", query.replace("$db", "zoo")));
        }
    }

    @Test
    void an_empty_database_comes_back_empty(Postgres postgres) throws Exception {
        postgres.createDatabase("void");

        Outcome full = Program.of(folder, postgres.backupUrl("void")).run("full");
        assertDone(full);
        assertThat(full.out()).contains("Proof: 0 tables, 0 rows");

        assertDone(Program.of(folder, postgres.adminUrl("postgres")).run("restore", "latest", "void_restored"));
        assertThat(postgres.wholeDump("void_restored")).isEqualTo(postgres.wholeDump("void"));
    }

    @Test
    void a_value_of_200_megabytes_passes_a_heap_of_64(Postgres postgres) throws Exception {
        postgres.createDatabase("huge_value");
        postgres.sql(
                "huge_value",
                "CREATE TABLE huge (id int, v text)",
                "INSERT INTO huge SELECT 1, repeat('Bactrian\\n', 200 * 1024 * 1024 / 10)");
        Program backup = Program.of(folder, postgres.backupUrl("huge_value")).with("BACKUP_PROOF", "content");
        assertDone(backup.run("full"));

        Outcome restored =
                Program.of(folder, postgres.adminUrl("postgres")).run("restore", "latest", "huge_value_restored");
        assertDone(restored);
        String sum = "SELECT md5(v) || length(v) FROM huge";
        assertThat(postgres.value("huge_value_restored", sum)).isEqualTo(postgres.value("huge_value", sum));
        postgres.sql("postgres", "DROP DATABASE huge_value_restored", "DROP DATABASE huge_value");
    }

    private static Path resource(String name) throws Exception {
        return Path.of(OddContentIT.class.getResource(name).toURI());
    }
}
