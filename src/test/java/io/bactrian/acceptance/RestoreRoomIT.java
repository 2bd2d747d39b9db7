package io.bactrian.acceptance;

import static io.bactrian.acceptance.LoudFailure.assertDone;
import static io.bactrian.acceptance.LoudFailure.assertFailed;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A BACKUP_TEMP_DIR that is far too small for the dump. */
@ExtendWith(Postgres.Shared.class)
class RestoreRoomIT {
    private static final String HEAVY = "heavy";
    private static final String COUNT = "SELECT count(*) || ' ' || sum(length(t)) FROM ballast";

    @TempDir
    private static Path repository;

    @TempDir
    private Path folder;

    private Path disk;
    private Program admin;

    @BeforeAll
    static void back_up_what_is_heavy(Postgres postgres) throws Exception {
        postgres.createDatabase(HEAVY);
        postgres.sql(
                HEAVY,
                "CREATE TABLE ballast AS SELECT i, repeat(md5(i::text), 300) AS t FROM generate_series(1, 4000) i",
                "CREATE INDEX ON ballast (i)");
        assertDone(Program.of(repository, postgres.backupUrl(HEAVY)).run("full"));
    }

    @BeforeEach
    void a_small_disk(Postgres postgres) throws Exception {
        disk = Files.createDirectory(folder.resolve("disk"));
        shell().run("mount -t tmpfs -o size=1m,mode=755 tmpfs " + disk);
        admin = Program.of(repository, postgres.adminUrl("postgres")).with("BACKUP_TEMP_DIR", disk.toString());
    }

    @AfterEach
    void nothing_is_left(Postgres postgres) throws Exception {
        Aftermath.assertNothingHalfRestored(postgres, disk);
        shell().run("umount " + disk + " && rmdir " + disk);
    }

    @Test
    void a_whole_database_needs_no_room_for_its_dump(Postgres postgres) throws Exception {
        assertDone(admin.run("restore", "latest", "heavy_copy", "--jobs", "3"));

        assertThat(postgres.value("heavy_copy", COUNT)).isEqualTo("4000 38400000");
        assertThat(postgres.value("heavy_copy", "SELECT count(*) FROM pg_indexes WHERE tablename = 'ballast'"))
                .isEqualTo("1");
    }

    @Test
    void a_table_for_a_database_that_stays_is_unpacked_first_and_needs_it() throws Exception {
        assertFailed(
                admin.run("restore", "latest", HEAVY, "--table", "ballast", "--replace"),
                3,
                disk + " has ",
                "what is unpacked or fetched needs 3",
                "BACKUP_TEMP_DIR");
    }

    @Test
    void large_objects_that_do_not_fit_are_told_with_what_to_do(Postgres postgres) throws Exception {
        postgres.createDatabase("lofty");
        postgres.sql(
                "lofty",
                "SELECT lo_from_bytea(0, convert_to(repeat(md5(i::text), 3000), 'UTF8')) FROM generate_series(1, 100) i");
        Path own = repository.resolve("lofty");
        assertDone(Program.of(own, postgres.adminUrl("lofty")).run("full"));

        assertFailed(
                Program.of(own, postgres.adminUrl("postgres"))
                        .with("BACKUP_TEMP_DIR", disk.toString())
                        .run("restore", "latest", "lofty_copy"),
                1,
                "No space left on device",
                "BACKUP_TEMP_DIR");
    }

    private Shell shell() {
        return new Shell(folder, Map.of());
    }
}
