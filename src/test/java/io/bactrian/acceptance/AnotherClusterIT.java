package io.bactrian.acceptance;

import static io.bactrian.acceptance.Aftermath.assertRefused;
import static io.bactrian.acceptance.LoudFailure.assertDone;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.ExitCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What comes from another cluster never becomes part of a recovery, however much it looks the same. */
@ExtendWith(Postgres.Shared.class)
class AnotherClusterIT {
    private static final String DATABASE = "twin";

    @TempDir
    private static Path folder;

    private static PitrScene scene;
    private static Postgres other;

    @BeforeAll
    static void two_clusters(Postgres postgres) throws Exception {
        PitrScene.passable(folder);
        scene = PitrScene.play(postgres, DATABASE, folder.resolve("repository"));
        other = Postgres.start();
        Slots.bound(other);
        other.createDatabase(DATABASE);
    }

    @AfterAll
    static void drop_the_slots(Postgres postgres) throws Exception {
        other.close();
        Slots.dropAll(postgres);
    }

    private static Path temporary() throws Exception {
        return PitrScene.passable(Files.createTempDirectory(folder, "temporary"));
    }

    @Test
    void segments_of_another_cluster_are_refused_before_replay(Postgres postgres) throws Exception {
        Path foreign = folder.resolve("foreign");
        Program backups = Program.of(foreign, other.backupUrl(DATABASE));
        assertDone(backups.run("full", "--no-test"));
        other.sql(DATABASE, "CREATE TABLE caravan AS SELECT 1 AS id");
        assertDone(backups.run("incremental", "--no-test"));
        List<Path> theirs = new PitrScene(other, DATABASE, foreign, null).files("wal", ".pgp");
        List<Path> ours = scene.files("wal", ".pgp");
        Path temporary = temporary();

        Path last = ours.get(ours.size() - 1);
        new Damage("of another cluster", last, bytes -> Damage.read(theirs.get(theirs.size() - 1)))
                .during(() -> assertRefused(
                        scene.recoveries(temporary).run("pitr", scene.moment(), "recovered"),
                        ExitCode.INTEGRITY,
                        last.getFileName().toString()));

        Aftermath.assertNothingHalfRestored(postgres, temporary);
        assertThat(postgres.databases()).doesNotContain("recovered");
    }

    @Test
    void a_standby_of_another_cluster_is_refused_and_nothing_is_left_there_or_here() throws Exception {
        Path data = folder.resolve("data");
        Path temporary = temporary();
        String slots = other.value("postgres", "SELECT count(*) FROM pg_replication_slots");

        Program.Outcome refused = scene.recoveries(temporary)
                .with("DATABASE_URL", other.adminUrl(DATABASE))
                .run("pitr", "latest", "--data-dir", data.toString(), "--standby");

        assertRefused(refused, ExitCode.PRECONDITION, "is another cluster", "BACKUP_CLUSTER_URL");
        assertThat(data).doesNotExist();
        assertThat(Aftermath.entries(temporary)).isEmpty();
        assertThat(other.value("postgres", "SELECT count(*) FROM pg_replication_slots"))
                .isEqualTo(slots);
    }
}
