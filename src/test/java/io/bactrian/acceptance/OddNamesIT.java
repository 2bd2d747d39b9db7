package io.bactrian.acceptance;

import static io.bactrian.acceptance.LoudFailure.assertDone;
import static io.bactrian.acceptance.LoudFailure.assertFailed;
import static io.bactrian.acceptance.Postgres.quoted;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.acceptance.Program.Outcome;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Names are user input: whatever PostgreSQL allows is backed up and restored under the same name. */
@ExtendWith(Postgres.Shared.class)
class OddNamesIT {
    private static final String CANARY = "bactrian-odd-name-ran";

    @TempDir
    private Path folder;

    @Test
    void a_database_whose_every_name_is_odd_comes_back_under_the_same_names(Postgres postgres) throws Exception {
        String odd = " Ödd \"q\" 'q' $(touch " + CANARY + ") \\ %s=1?";
        String name = quoted(odd);
        postgres.sql("postgres", "CREATE ROLE " + name, "CREATE DATABASE " + name + " OWNER " + name);
        postgres.allowBackupsOf(odd);
        postgres.sql(
                odd,
                "CREATE SCHEMA " + name + " AUTHORIZATION " + name,
                "CREATE TYPE " + name + "." + name + " AS ENUM (" + literal(odd) + ")",
                "CREATE TABLE " + name + "." + quoted("T" + odd.substring(1)) + " (" + name
                        + " int GENERATED ALWAYS AS IDENTITY CONSTRAINT " + quoted("PK" + odd)
                        + " PRIMARY KEY, v text)",
                "INSERT INTO " + name + "." + quoted("T" + odd.substring(1)) + " (v) VALUES (" + literal(odd)
                        + "), ('a\nb')",
                "ALTER DATABASE " + name + " SET application_name = " + literal(odd.replace("Ö", "O")),
                "COMMENT ON DATABASE " + name + " IS " + literal(odd));
        Path repository = folder.resolve("odd \"dir\" $(x) ö");
        Program backup = Program.of(repository, postgres.backupUrl(odd));
        Program admin = Program.of(repository, postgres.adminUrl("postgres"));

        Outcome full = backup.run("full");
        assertDone(full);
        assertThat(full.out()).contains("Proof: 1 tables, 2 rows");

        String restored = "--odd=" + odd;
        assertDone(admin.run("restore", "latest", "--", restored));
        assertThat(postgres.wholeDump(restored)).isEqualTo(postgres.wholeDump(odd));
        assertThat(postgres.value(
                        restored, "SELECT v FROM " + name + "." + quoted("T" + odd.substring(1)) + " LIMIT 1"))
                .isEqualTo(odd);

        Outcome again = admin.run("restore", "latest");
        assertFailed(again, 3, odd, "--replace");

        Outcome table = admin.run("restore", "latest", "odd_table_alone", "--table", name + "." + "\"T*\"");
        assertFailed(table, 2, "T*");
        assertDone(admin.run("restore", "latest", "odd_table_alone", "--table", name + ".*"));
        assertThat(postgres.value(
                        "odd_table_alone", "SELECT count(*) FROM " + name + "." + quoted("T" + odd.substring(1))))
                .isEqualTo("2");

        Outcome into = admin.run("restore", "latest", "--replace", "--drop-old");
        assertDone(into);
        assertThat(into.out()).contains("Dropped the old database");
        assertThat(Path.of(CANARY)).doesNotExist();
        assertThat(folder.resolve(CANARY)).doesNotExist();
    }

    @Test
    void names_of_the_greatest_length_restore_and_are_replaced(Postgres postgres) throws Exception {
        String longest = "ä".repeat(31) + "x"; // 63 bytes
        postgres.createDatabase(longest);
        postgres.sql(longest, "CREATE TABLE " + longest + " AS SELECT 1 AS a");
        assertDone(Program.of(folder, postgres.backupUrl(longest)).run("full"));
        Program admin = Program.of(folder, postgres.adminUrl("postgres"));

        assertDone(admin.run("restore", "latest", "--replace"));

        assertThat(postgres.databases()).contains(longest).anyMatch(name -> name.matches("ä+_before_.*"));
    }

    @Test
    void a_url_may_name_a_socket_several_hosts_and_options(Postgres postgres) throws Exception {
        postgres.createDatabase("urls");
        postgres.sql("urls", "CREATE TABLE t AS SELECT 1 AS a");
        int port = postgres.cluster().port();
        String credentials = Postgres.BACKUP_ROLE + ":" + encoded(Postgres.PASSWORD);
        String socket = postgres.adminUrl("urls").replaceFirst("//postgres@", "//" + Postgres.BACKUP_ROLE + "@");
        String hosts = "postgres://" + credentials + "@127.0.0.1:1,127.0.0.1:" + port
                + "/urls?connect_timeout=5&application_name=odd%20app&options=-c%20work_mem%3D1MB"
                + "&target_session_attrs=read-write";
        String parameters = "postgresql:///?host=127.0.0.1&port=" + port + "&dbname=urls&user=" + Postgres.BACKUP_ROLE
                + "&password=" + encoded(Postgres.PASSWORD) + "&sslmode=disable";

        for (String url : java.util.List.of(socket, hosts, parameters)) {
            Outcome full = Program.of(folder, url).run("full");
            assertDone(full);
            assertThat(full.out()).contains("Proof: 1 tables, 1 rows");
        }
        try (var files = Files.walk(folder)) {
            assertThat(files.filter(Files::isRegularFile)).noneMatch(file -> contains(file, Postgres.PASSWORD));
        }
    }

    private static boolean contains(Path file, String secret) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(secret);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }
}
