package io.bactrian.acceptance;

import static io.bactrian.acceptance.LoudFailure.assertDone;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** One database as it was at a moment, beside the live one. */
@ExtendWith(Postgres.Shared.class)
class PitrIT {
    private static final String DATABASE = "trade";

    @TempDir
    private static Path repository;

    @TempDir
    private Path temporary;

    private static PitrScene scene;

    private Program recoveries;

    @BeforeAll
    static void a_table_is_dropped_by_mistake(Postgres postgres) throws Exception {
        scene = PitrScene.play(postgres, DATABASE, repository);
    }

    @AfterAll
    static void drop_the_slots(Postgres postgres) throws Exception {
        Slots.dropAll(postgres);
    }

    @BeforeEach
    void with_the_least_to_say() throws Exception {
        recoveries = scene.recoveries(PitrScene.passable(temporary));
    }

    @AfterEach
    void nothing_is_left(Postgres postgres) throws Exception {
        Aftermath.assertNothingHalfRestored(postgres, temporary);
        for (String name : postgres.databases()) {
            if (name.startsWith(DATABASE + "_") || name.equals("recovered")) {
                postgres.sql("postgres", "DROP DATABASE " + Postgres.quoted(name) + " WITH (FORCE)");
            }
        }
    }

    @Test
    void the_database_comes_back_as_it_was_then_beside_the_live_one(Postgres postgres) throws Exception {
        postgres.sql("postgres", "ALTER DATABASE " + DATABASE + " SET work_mem = '9MB'");
        Program.Outcome pitr = recoveries.run("pitr", scene.moment(), "recovered");

        assertDone(pitr);
        assertThat(postgres.value("recovered", "SELECT count(*) FROM caravan")).isEqualTo("7000");
        assertThat(postgres.value("recovered", "SELECT depth FROM oasis WHERE name = 'Siwa'"))
                .isEqualTo("18");
        assertThat(postgres.value("recovered", "SHOW work_mem"))
                .as("the setting came later")
                .isEqualTo("4MB");
        assertThat(postgres.value(DATABASE, "SELECT count(*) FROM caravan")).isEqualTo("7100");
        assertThat(pitr.out())
                .contains("Recovered to " + scene.moment(), "The last transaction inside: ", "Took: plan ", "replay ");
        postgres.sql("postgres", "ALTER DATABASE " + DATABASE + " RESET work_mem");
    }

    @Test
    void without_a_name_it_is_called_after_the_moment_in_utc(Postgres postgres) throws Exception {
        String offset = Instant.parse(scene.moment())
                .atOffset(java.time.ZoneOffset.ofHours(5))
                .toString();
        assertDone(recoveries.run("pitr", offset));

        String name = DATABASE + "_" + scene.moment().replaceAll("[-:]|\\..*", "") + "Z";
        assertThat(postgres.value(name, "SELECT count(*) FROM caravan")).isEqualTo("7000");
    }

    @Test
    void latest_is_everything_up_to_the_last_cut(Postgres postgres) throws Exception {
        assertDone(recoveries.run("pitr", "latest", "recovered"));

        assertThat(postgres.value("recovered", PitrScene.ROWS)).isEqualTo(postgres.value(DATABASE, PitrScene.ROWS));
        assertThat(postgres.value("recovered", "SELECT to_regclass('oasis') IS NULL"))
                .isEqualTo("t");
    }

    @Test
    void a_dropped_table_comes_back_into_the_live_database(Postgres postgres) throws Exception {
        assertDone(recoveries.run("pitr", scene.moment(), DATABASE, "--table", "oasis"));

        assertThat(postgres.value(DATABASE, "SELECT count(*) FROM oasis")).isEqualTo("2");
        assertThat(postgres.value(DATABASE, "SELECT count(*) FROM caravan"))
                .as("the other table is as it was")
                .isEqualTo("7100");
        postgres.sql(DATABASE, "DROP TABLE oasis");
    }

    @Test
    void replace_puts_the_past_in_the_place_of_the_present_and_keeps_that(Postgres postgres) throws Exception {
        postgres.sql("postgres", "CREATE DATABASE recovered");
        postgres.sql("recovered", "CREATE TABLE precious ()");
        Program.Outcome pitr = recoveries.run("pitr", scene.moment(), "recovered", "--replace");

        assertDone(pitr);
        assertThat(postgres.value("recovered", "SELECT count(*) FROM caravan")).isEqualTo("7000");
        String old = postgres.databases().stream()
                .filter(name -> name.startsWith("recovered_before_"))
                .findFirst()
                .orElseThrow();
        assertThat(postgres.value(old, "SELECT count(*) FROM precious")).isEqualTo("0");
        postgres.sql("postgres", "DROP DATABASE " + Postgres.quoted(old));
    }
}
