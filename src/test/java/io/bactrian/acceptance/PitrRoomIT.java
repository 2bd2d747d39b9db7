package io.bactrian.acceptance;

import static io.bactrian.acceptance.Aftermath.assertRefused;
import static io.bactrian.acceptance.LoudFailure.assertDone;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.ExitCode;
import io.bactrian.postgres.Guardian;
import io.bactrian.postgres.TemporaryCluster;
import io.bactrian.postgres.Tools;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A disk that holds the recovered cluster, but would not hold a dump of its large database beside it. */
@ExtendWith(Postgres.Shared.class)
class PitrRoomIT {
    private static final long MB = 1024 * 1024;
    private static final String LARGE = "depot";
    private static final String SMALL = "stall";
    private static final String BALLAST = Postgres.quoted("Bal \"last\"; $(x) 'y' %20 %s & + # = ö 🐫 {{z}} ${body}");

    @TempDir
    private static Path repository;

    @TempDir
    private Path folder;

    private static PitrScene large;
    private static PitrScene small;
    private static Stored full;
    private static Path base;
    private static long baseBytes;

    private Path disk;

    @BeforeAll
    static void a_large_and_a_small_database_of_one_cluster(Postgres postgres) throws Exception {
        Slots.bound(postgres);
        postgres.createDatabase(SMALL);
        postgres.sql(SMALL, "CREATE TABLE caravan AS SELECT generate_series(1, 10) AS id");
        postgres.createDatabase(LARGE);
        postgres.sql(
                LARGE,
                "CREATE TABLE caravan (id int PRIMARY KEY, load text NOT NULL)",
                "INSERT INTO caravan SELECT i, md5(i::text) FROM generate_series(1, 5000) i",
                "CREATE TABLE " + BALLAST + " (i int, t text)",
                "ALTER TABLE " + BALLAST + " ALTER COLUMN t SET STORAGE EXTERNAL",
                "INSERT INTO " + BALLAST + " SELECT i, repeat('x', 1000000) FROM generate_series(1, 200) i",
                "CHECKPOINT");
        Program backups = new PitrScene(postgres, SMALL, repository, null).backups();
        Program.Outcome first = backups.with("BACKUP_BASE_EVERY", "1d").run("full");
        assertDone(first);
        Program.Outcome second = new PitrScene(postgres, LARGE, repository, null)
                .backups()
                .with("BACKUP_BASE_EVERY", "1d")
                .run("full");
        assertDone(second);
        full = Stored.in(repository, second.backupId());
        Stored stored = Stored.base(repository, first.backupId());
        base = stored.file(stored.artifact("base"));
        baseBytes = stored.manifest().get("physical").get("databaseBytes").asLong();
        postgres.sql(
                LARGE,
                "SELECT pg_logical_emit_message(false, 'log', repeat('x', 1000000)) FROM generate_series(1, 75)");
        String moment = PitrScene.now(postgres);
        postgres.sql(LARGE, "INSERT INTO caravan SELECT i, md5(i::text) FROM generate_series(5001, 7000) i");
        assertDone(backups.run("incremental"));
        large = new PitrScene(postgres, LARGE, repository, moment);
        small = new PitrScene(postgres, SMALL, repository, moment);
    }

    @AfterAll
    static void drop_the_slots(Postgres postgres) throws Exception {
        Slots.dropAll(postgres);
    }

    @BeforeEach
    void a_small_disk() throws Exception {
        PitrScene.passable(folder);
        disk = mounted("disk", baseBytes + 160 * MB);
    }

    @AfterEach
    void nothing_is_left(Postgres postgres) throws Exception {
        Aftermath.assertNothingHalfRestored(postgres, disk);
        unmount(disk);
        postgres.sql("postgres", "DROP DATABASE IF EXISTS recovered");
    }

    @Test
    void a_large_database_needs_no_room_for_a_dump_beside_the_recovered_cluster(Postgres postgres) throws Exception {
        assertThat(full.artifact("dump").get("plainBytes").asLong()).isGreaterThan(160 * MB);

        assertDone(large.recoveries(disk).run("pitr", large.moment(), "recovered"));

        assertThat(postgres.value("recovered", PitrScene.ROWS)).isEqualTo("5000 12502500");
        assertThat(postgres.value("recovered", "SELECT count(*) FROM " + BALLAST))
                .isEqualTo("200");
    }

    @Test
    void a_single_table_finds_room_since_no_rows_of_others_are_dumped(Postgres postgres) throws Exception {
        Program.Outcome pitr = large.recoveries(disk).run("pitr", large.moment(), "recovered", "--table", "caravan");

        assertDone(pitr);
        assertThat(pitr.out()).contains("Rows, as counted in the recovered database:");
        assertThat(postgres.value("recovered", PitrScene.ROWS)).isEqualTo("5000 12502500");
        assertThat(postgres.value("recovered", "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"))
                .isEqualTo("1");
    }

    @Test
    void a_single_table_for_a_database_that_stays_is_refused_before_it_is_dumped_if_too_large(Postgres postgres)
            throws Exception {
        postgres.sql("postgres", "CREATE DATABASE recovered");
        assertRefused(
                large.recoveries(disk).run("pitr", large.moment(), "recovered", "--table", BALLAST),
                ExitCode.PRECONDITION,
                "what is unpacked or fetched needs 19",
                "BACKUP_TEMP_DIR");
    }

    @Test
    void a_small_database_of_the_same_cluster_needs_less(Postgres postgres) throws Exception {
        assertDone(small.recoveries(disk).run("pitr", small.moment(), "recovered"));

        assertThat(postgres.value("recovered", "SELECT count(*) FROM caravan")).isEqualTo("10");
    }

    @Test
    void a_full_that_cannot_be_believed_tells_nothing_and_hinders_nothing(Postgres postgres) throws Exception {
        Path manifest = full.folder().resolve("manifest.json");
        JsonNode dump = full.artifact("dump");
        String larger = dump.get("plainBytes").asText() + "000000";
        Damage forged = new Damage(
                "forged",
                manifest,
                bytes -> new String(bytes, StandardCharsets.UTF_8)
                        .replace(dump.get("plainBytes").asText(), larger)
                        .getBytes(StandardCharsets.UTF_8));
        forged.during(
                () -> assertDone(large.recoveries(PitrScene.passable(Files.createDirectory(folder.resolve("ample"))))
                        .run("pitr", large.moment(), "recovered")));

        assertThat(postgres.value("recovered", PitrScene.ROWS)).isEqualTo("5000 12502500");
    }

    @Test
    void a_server_without_room_is_seen_before_anything_is_fetched_or_at_least_before_it_is_loaded() throws Exception {
        Path ample = PitrScene.passable(Files.createDirectory(folder.resolve("ample")));
        Path data = mounted("data", 150 * MB);
        try (Guardian guardian = new Guardian();
                TemporaryCluster elsewhere =
                        TemporaryCluster.start(Tools.locateServer(Optional.empty()), data, guardian, Map.of())) {
            Program program =
                    large.recoveries(ample).with("DATABASE_URL", elsewhere.url(TemporaryCluster.SUPERUSER, LARGE));
            new Damage("missing", base, bytes -> null)
                    .during(() -> assertRefused(
                            program.run("pitr", large.moment(), "recovered"),
                            ExitCode.PRECONDITION,
                            "the server's data directory has "));
            assertRefused(
                    program.run("pitr", large.moment(), "recovered", "--table", BALLAST),
                    ExitCode.PRECONDITION,
                    "the server's data directory has ");
        } finally {
            unmount(data);
        }
    }

    private Path mounted(String name, long bytes) throws Exception {
        Path at = Files.createDirectory(folder.resolve(name));
        shell().run("mount -t tmpfs -o size=" + bytes + ",mode=755 tmpfs " + at);
        return at;
    }

    private void unmount(Path at) throws Exception {
        shell().run("umount " + at + " && rmdir " + at);
    }

    private Shell shell() {
        return new Shell(folder, Map.of());
    }
}
