package io.bactrian.acceptance;

import static io.bactrian.acceptance.Aftermath.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.ExitCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What cannot be recovered is refused with its reason, and nothing of the attempt stays. */
@ExtendWith(Postgres.Shared.class)
class PitrBadInputIT {
    private static final String DATABASE = "fragile";

    @TempDir
    private static Path repository;

    @TempDir
    private Path temporary;

    private static PitrScene scene;

    private Program recoveries;
    private List<String> databasesBefore;
    private final ChildProcesses children = new ChildProcesses();

    @BeforeAll
    static void a_history(Postgres postgres) throws Exception {
        scene = PitrScene.play(postgres, DATABASE, repository);
    }

    @AfterAll
    static void drop_the_slots(Postgres postgres) throws Exception {
        Slots.dropAll(postgres);
    }

    @BeforeEach
    void look_around(Postgres postgres) throws Exception {
        recoveries = children.of(scene.recoveries(PitrScene.passable(temporary)));
        databasesBefore = postgres.databases();
    }

    @AfterEach
    void nothing_is_left(Postgres postgres) throws Exception {
        Aftermath.assertNothingHalfRestored(postgres, temporary);
        assertThat(postgres.databases()).isEqualTo(databasesBefore);
        children.assertAllEnded();
    }

    @Test
    void what_is_no_time_is_wrong_usage() throws Exception {
        assertRefused(recoveries.run("pitr", "yesterday noon", "recovered"), ExitCode.USAGE, "is not a time");
    }

    @Test
    void the_future_is_refused_with_the_window() throws Exception {
        assertRefused(
                recoveries.run("pitr", "2999-01-01T00:00:00Z", "recovered"),
                ExitCode.PRECONDITION,
                "that is in the future",
                "Recovery window: ");
    }

    @Test
    void a_time_before_the_first_base_is_refused_with_the_window() throws Exception {
        assertRefused(
                recoveries.run("pitr", "2001-01-01T00:00:00Z", "recovered"),
                ExitCode.PRECONDITION,
                "before the first base",
                "Recovery window: ");
    }

    @Test
    void a_time_after_the_last_cut_is_refused_and_says_how_to_move_it() throws Exception {
        assertRefused(
                recoveries.run("pitr", Instant.now().toString(), "recovered"),
                ExitCode.PRECONDITION,
                "after the last cut",
                "bactrian incremental");
    }

    @Test
    void an_empty_repository_has_nothing_to_recover_from() throws Exception {
        assertRefused(
                recoveries
                        .with("BACKUP_DIR", temporary.resolve("none").toString())
                        .run("pitr", "latest", "recovered"),
                ExitCode.PRECONDITION,
                "no physical base");
        Files.walk(temporary.resolve("none"))
                .sorted(java.util.Comparator.reverseOrder())
                .forEach(p -> p.toFile().delete());
    }

    @Test
    void an_existing_target_is_refused_before_anything_is_fetched() throws Exception {
        Program.Outcome refused = recoveries.run("pitr", scene.moment(), DATABASE);

        assertRefused(refused, ExitCode.PRECONDITION, "database \"" + DATABASE + "\" exists", "--replace");
    }

    @Test
    void programs_of_another_major_version_are_refused() throws Exception {
        Path programs = Files.createDirectory(temporary.resolve("bin"));
        for (String name : List.of("pg_dump", "postgres", "initdb", "pg_ctl", "pg_controldata", "pg_waldump")) {
            Path program =
                    Files.writeString(programs.resolve(name), "#!/bin/sh\necho '" + name + " (PostgreSQL) 99.1'\n");
            program.toFile().setExecutable(true, false);
        }
        assertRefused(
                recoveries.with("BACKUP_PG_BIN_DIR", programs.toString()).run("pitr", scene.moment(), "recovered"),
                ExitCode.PRECONDITION,
                "server programs of PostgreSQL "
                        + scene.postgres()
                                .value("postgres", "SHOW server_version_num")
                                .substring(0, 2),
                "no other major version");
        new Shell(temporary, java.util.Map.of()).run("rm -rf " + programs);
    }

    @Test
    void a_database_that_did_not_exist_then_is_refused_with_those_that_did(Postgres postgres) throws Exception {
        postgres.createDatabase("latecomer");
        databasesBefore = postgres.databases();
        assertRefused(
                recoveries
                        .with("DATABASE_URL", postgres.adminUrl("latecomer"))
                        .run("pitr", scene.moment(), "recovered"),
                ExitCode.PRECONDITION,
                "had no database \"latecomer\"",
                DATABASE);
    }

    @Test
    void too_little_room_for_base_and_wal_is_refused_before_anything_is_fetched() throws Exception {
        Path small = Files.createDirectory(temporary.resolve("small"));
        Shell shell = new Shell(temporary, java.util.Map.of());
        shell.run("mount -t tmpfs -o size=8m,mode=755 tmpfs " + small);
        try {
            assertRefused(
                    recoveries.with("BACKUP_TEMP_DIR", small.toString()).run("pitr", scene.moment(), "recovered"),
                    ExitCode.PRECONDITION,
                    "the unpacked base and its WAL need",
                    "BACKUP_TEMP_DIR");
            assertThat(Aftermath.entries(small)).isEmpty();
        } finally {
            shell.run("umount " + small + " && rmdir " + small);
        }
    }

    @Test
    void a_missing_damaged_or_exchanged_segment_is_found_before_replay() throws Exception {
        List<Path> segments = scene.files("wal", ".pgp");
        Path last = segments.get(segments.size() - 1);
        List<Damage> damages = List.of(
                new Damage("missing", last, bytes -> null),
                new Damage("flipped", last, bytes -> Damage.flipped(bytes, bytes.length / 2)),
                new Damage("of another place", last, bytes -> Damage.read(segments.get(0))));
        for (Damage damage : damages) {
            damage.during(() -> {
                Program.Outcome outcome = recoveries.run("pitr", scene.moment(), "recovered");
                assertRefused(outcome, ExitCode.INTEGRITY, last.getFileName().toString());
            });
        }
    }

    @Test
    void a_manifest_that_was_changed_is_not_believed_and_leaves_a_gap() throws Exception {
        List<Path> manifests = scene.files("incremental", "manifest.json");
        Path last = manifests.get(manifests.size() - 1);
        new Damage("changed", last, bytes -> Damage.flipped(bytes, bytes.length / 2))
                .during(() -> assertRefused(
                        recoveries.run("pitr", scene.moment(), "recovered"),
                        ExitCode.PRECONDITION,
                        "after the last cut",
                        "Recovery window: "));
    }

    @Test
    void a_data_directory_that_is_not_empty_is_refused_and_stays_as_it_is() throws Exception {
        Path directory = Files.createDirectory(temporary.resolve("mine"));
        Path precious = Files.writeString(directory.resolve("precious"), "mine");
        assertRefused(
                recoveries.run("pitr", scene.moment(), "--data-dir", directory.toString()),
                ExitCode.PRECONDITION,
                "is not empty");
        assertThat(precious).hasContent("mine");
        assertThat(Aftermath.entries(directory)).containsExactly(precious);
        Files.delete(precious);
        Files.delete(directory);
    }

    @Test
    void options_that_contradict_each_other_are_wrong_usage() throws Exception {
        assertRefused(recoveries.run("pitr", "latest", "--standby"), ExitCode.USAGE, "--standby without --data-dir");
        assertRefused(recoveries.run("pitr", "latest", "name", "--data-dir", "x"), ExitCode.USAGE, "the whole cluster");
        assertRefused(
                recoveries.run("pitr", scene.moment(), "--data-dir", "x", "--standby"),
                ExitCode.USAGE,
                "--standby with a time");
    }
}
