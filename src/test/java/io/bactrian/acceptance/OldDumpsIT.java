package io.bactrian.acceptance;

import static io.bactrian.acceptance.LoudFailure.assertDone;
import static io.bactrian.acceptance.LoudFailure.assertFailed;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.acceptance.Program.Outcome;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Dumps that the system before made, or pg_dump by hand, and the plain backups that look like them. */
@ExtendWith(Postgres.Shared.class)
class OldDumpsIT {
    @TempDir
    private static Path folder;

    private static Path sql;

    @TempDir
    private Path temporary;

    private Program admin;

    @BeforeAll
    static void dump_a_database_by_hand(Postgres postgres) throws Exception {
        postgres.createDatabase("old");
        postgres.sql(
                "old",
                "CREATE TABLE statement (sql text, note text)",
                "INSERT INTO statement VALUES ('DROP DATABASE x', 'text that looks like a command'),"
                        + " ('CREATE DATABASE y', '\\connect z'), ('\\connect z', E'a\\nDROP DATABASE x')",
                "INSERT INTO statement SELECT 'SELECT ' || i, md5(i::text) FROM generate_series(1, 5000) i",
                "CREATE FUNCTION shout() RETURNS text LANGUAGE sql AS 'SELECT ''ö\\''::text'");
        sql = folder.resolve("old.sql");
        postgres.program("old", "pg_dump", "--file=" + sql);
    }

    @BeforeEach
    void look_around(Postgres postgres) {
        admin = Program.of(folder.resolve("repository"), postgres.adminUrl("old"))
                .with("BACKUP_TEMP_DIR", temporary.toString());
    }

    @AfterEach
    void nothing_is_left_behind(Postgres postgres) throws Exception {
        assertThat(temporary).isEmptyDirectory();
        assertThat(postgres.databases()).noneMatch(name -> name.startsWith("bactrian_restoring_"));
    }

    @Test
    void a_script_a_compressed_script_and_an_archive_restore(Postgres postgres) throws Exception {
        Path archive = folder.resolve("old.dump");
        postgres.program("old", "pg_dump", "--format=custom", "--file=" + archive);
        Path odd = Files.copy(sql, folder.resolve("-odd $(name) ö.sql"));

        for (Path file : List.of(sql, gzip("old.sql.gz", Files.readAllBytes(sql)), archive, odd)) {
            String target = "from_" + file.getFileName();
            Outcome done = admin.run("restore", file.toString(), target);
            assertDone(done);
            assertThat(postgres.dump(target)).isEqualTo(postgres.dump("old"));
        }
    }

    @Test
    void a_file_is_not_restored_over_the_database_of_the_url(Postgres postgres) throws Exception {
        assertFailed(admin.run("restore", sql.toString()), 3, "database \"old\" exists", "--replace");
        assertFailed(admin.run("restore", folder.resolve("none.sql.gz").toString()), 3, "cannot read", "none.sql.gz");
        assertFailed(admin.run("restore", sql.toString(), "old_tables", "--table", "statement"), 2, "--table");
    }

    @Test
    void a_script_that_would_leave_its_database_is_refused(Postgres postgres) throws Exception {
        Path create = folder.resolve("create.sql");
        postgres.program("old", "pg_dump", "--create", "--file=" + create);
        Path clean = folder.resolve("clean.sql");
        postgres.program("old", "pg_dump", "--create", "--clean", "--if-exists", "--file=" + clean);
        Path connect = Files.writeString(folder.resolve("connect.sql"), "\\connect old\nDROP TABLE statement;\n");

        for (Path file : List.of(create, clean, connect)) {
            assertFailed(admin.run("restore", file.toString(), "refused"), 3, "would leave the database");
        }
        assertThat(postgres.exists("refused")).isFalse();
        assertThat(postgres.value("old", "SELECT count(*) FROM statement")).isEqualTo("5003");
    }

    @Test
    void a_file_that_is_cut_short_is_no_restore(Postgres postgres) throws Exception {
        byte[] whole = Files.readAllBytes(gzip("whole.sql.gz", Files.readAllBytes(sql)));
        Path packed = Files.write(folder.resolve("cut.sql.gz"), Arrays.copyOf(whole, whole.length * 2 / 3));
        byte[] script = Files.readAllBytes(sql);
        Path plain = Files.write(folder.resolve("cut.sql"), Arrays.copyOf(script, script.length * 2 / 3));
        Path archive = folder.resolve("cut.dump");
        postgres.program("old", "pg_dump", "--format=custom", "--file=" + archive);
        byte[] custom = Files.readAllBytes(archive);
        Files.write(archive, Arrays.copyOf(custom, custom.length * 2 / 3));
        Path empty = Files.createFile(folder.resolve("empty.sql"));

        assertFailed(admin.run("restore", packed.toString(), "cut"), 4, "cut short");
        assertFailed(admin.run("restore", plain.toString(), "cut"), 4, "cut short");
        assertFailed(admin.run("restore", empty.toString(), "cut"), 4, "empty");
        assertThat(admin.run("restore", archive.toString(), "cut").exitCode()).isNotZero();
        assertThat(postgres.exists("cut")).isFalse();
    }

    @Test
    void a_plain_backup_lies_where_the_system_before_laid_it_and_restores(Postgres postgres) throws Exception {
        Path repository = folder.resolve("plain");
        Program backup = Program.of(repository, postgres.backupUrl("old"))
                .with("BACKUP_FORMAT", "plain")
                .with("BACKUP_COMPRESSION", "gzip")
                .without("BACKUP_ENCRYPTION_KEY");
        Outcome full = backup.run("full");
        assertDone(full);
        assertDone(backup.run("test", "latest"));

        Path link = repository.resolve("full").resolve(full.backupId() + ".sql.gz");
        assertThat(link).isSymbolicLink();
        Program restore = Program.of(repository, postgres.adminUrl("postgres")).without("BACKUP_ENCRYPTION_KEY");
        assertDone(restore.run("restore", link.toString(), "from_link"));
        assertDone(restore.run("restore", "latest", "from_plain", "--jobs", "2"));
        assertThat(postgres.dump("from_link")).isEqualTo(postgres.dump("old"));
        assertThat(postgres.wholeDump("from_plain")).isEqualTo(postgres.wholeDump("old"));

        assertFailed(restore.run("restore", "latest", "from_plain_table", "--table", "statement"), 2, "--table");

        Outcome sealed =
                backup.with("BACKUP_ENCRYPTION_KEY", Program.PASSPHRASE).run("full");
        assertDone(sealed);
        assertThat(repository.resolve("full").resolve(sealed.backupId() + ".sql.gz.pgp"))
                .exists();
        assertFailed(
                restore.run(
                        "restore",
                        repository
                                .resolve("full")
                                .resolve(sealed.backupId() + ".sql.gz.pgp")
                                .toString(),
                        "x"),
                2,
                "encrypted");
    }

    private static Path gzip(String name, byte[] content) throws IOException {
        Path file = folder.resolve(name);
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write(content);
        }
        return file;
    }
}
