package io.bactrian.acceptance;

import static io.bactrian.acceptance.LoudFailure.assertDone;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.postgres.Tools;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Point-in-time recovery gives exactly what was committed by then: no row more, no row less. */
class PitrExactIT {
    private static final String DATABASE = "ledger";
    private static final Duration MICROSECOND = Duration.of(1, ChronoUnit.MICROS);

    private final Random random = new Random();
    private Path folder;

    @BeforeEach
    void a_folder_that_the_servers_account_may_enter() throws Exception {
        folder = Files.createTempDirectory("exact");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    }

    @AfterEach
    void remove_it() throws Exception {
        new Shell(folder, java.util.Map.of()).run("rm -rf " + folder);
    }

    @Test
    void a_recovered_database_holds_exactly_what_was_committed_by_then() throws Exception {
        recover_what_was_committed(Tools.locateServer(Optional.empty()), 8, 100);
    }

    @Test
    void so_it_does_with_postgresql_17() throws Exception {
        try (Debian13 debian = Debian13.unpack()) {
            recover_what_was_committed(debian.tools(), 4, 100);
        }
    }

    @Test
    @Tag("soak")
    void so_it_does_at_many_moments_of_a_longer_time() throws Exception {
        recover_what_was_committed(Tools.locateServer(Optional.empty()), 40, 3000);
    }

    private void recover_what_was_committed(Tools tools, int moments, int rows) throws Exception {
        try (Postgres postgres = Postgres.start(tools, Ledger.SETTINGS)) {
            postgres.createDatabase(DATABASE);
            try (Ledger ledger = Ledger.create(() -> postgres.connect(DATABASE))) {
                Path repository = folder.resolve("repository");
                Program program = Program.of(repository, postgres.backupUrl(DATABASE))
                        .with("BACKUP_PG_BIN_DIR", tools.directory().toString())
                        .with("BACKUP_PITR", "on");

                List<Instant> special = live(postgres, program, ledger, rows);

                StoredWal stored = new StoredWal(repository);
                stored.assertUnbroken();
                assertThat(stored.bases()).as("a base with each full").hasSize(2);
                stored.assertOneChain();
                assertThat(stored.cuts()).hasSizeGreaterThanOrEqualTo(6);
                Ledger.History history = ledger.history();
                Instant middle = stored.cuts().get(3);
                special.addAll(List.of(
                        stored.windowBegins(),
                        middle,
                        middle.plus(MICROSECOND),
                        middle.plusMillis(3),
                        inTheMiddleOf(stored.bases().get(1)),
                        stored.windowEnds()));
                Recovery recovery = new Recovery(
                        program.with("DATABASE_URL", postgres.adminUrl(DATABASE)), folder, postgres::connect);
                for (Instant time : special) {
                    recovery.assertExact(time, ledger, history);
                }
                for (int i = 0; i < moments; i++) {
                    recovery.assertExact(anyMoment(stored, history), ledger, history);
                }
                recovery.assertLatest(ledger);
            }
        }
    }

    /** Everything that a database meets; returns moments of stillness. */
    private static List<Instant> live(Postgres postgres, Program program, Ledger ledger, int rows) throws Exception {
        List<Instant> idle = new ArrayList<>();
        ledger.write();
        assertDone(program.run("full"));
        ledger.write(rows);
        assertDone(program.run("incremental"));
        ledger.write(rows);
        assertDone(program.run("full"));
        ledger.write(rows);
        assertDone(program.run("incremental"));

        ledger.pause();
        idle.add(ledger.now());
        assertDone(program.run("incremental"));
        idle.add(ledger.now());
        assertDone(program.run("incremental"));

        ledger.write();
        assertDone(program.run("incremental"));
        ledger.write(rows);
        ledger.pause();
        idle.add(ledger.now());
        postgres.cluster().stop();
        postgres.cluster().resume();
        idle.add(ledger.now());
        ledger.write();
        ledger.write(rows);
        assertDone(program.run("incremental"));
        ledger.write(rows);
        postgres.sql("postgres", "CHECKPOINT");
        ledger.pause();
        assertDone(program.run("incremental"));
        return idle;
    }

    /** While it was copied. */
    private static Instant inTheMiddleOf(com.fasterxml.jackson.databind.JsonNode base) {
        Instant began = Instant.parse(base.get("started").asText());
        Instant ended = Instant.parse(base.at("/physical/endTime").asText());
        return began.plus(Duration.between(began, ended).dividedBy(2)).truncatedTo(ChronoUnit.MICROS);
    }

    private Instant anyMoment(StoredWal stored, Ledger.History history) throws Exception {
        Instant from = stored.windowBegins();
        long micros = ChronoUnit.MICROS.between(from, stored.windowEnds());
        Instant time;
        do {
            time = from.plus(random.nextLong(micros), ChronoUnit.MICROS);
        } while (!history.isClear(time));
        return time;
    }
}
