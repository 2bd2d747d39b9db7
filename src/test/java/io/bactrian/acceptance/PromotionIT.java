package io.bactrian.acceptance;

import static io.bactrian.acceptance.LoudFailure.assertDone;
import static io.bactrian.acceptance.LoudFailure.assertFailed;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.postgres.Lsn;
import io.bactrian.postgres.Replica;
import io.bactrian.postgres.Tools;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A standby takes over: the chain goes on where its WAL does, and closes where it does not. */
class PromotionIT {
    private static final String DATABASE = "ledger";
    private static final Tools TOOLS = Tools.locateServer(Optional.empty());
    /** A standby that keeps its WAL can prove that nothing is missing, though our slot does not exist there. */
    private static final Map<String, String> SETTINGS = with(Ledger.SETTINGS, "wal_keep_size", "2GB");

    private Path folder;

    @BeforeEach
    void a_folder_that_the_servers_account_may_enter() throws Exception {
        folder = Files.createTempDirectory("promotion");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    }

    @AfterEach
    void remove_it() throws Exception {
        new Shell(folder, Map.of()).run("rm -rf " + folder);
    }

    @Test
    void a_chain_goes_on_across_a_promotion_and_every_moment_of_both_timelines_can_be_recovered() throws Exception {
        try (Postgres postgres = Postgres.start(TOOLS, SETTINGS);
                Ledger ledger = ledger(postgres);
                Replica replica = Replica.of(postgres.cluster(), TOOLS, SETTINGS);
                Ledger after = new Ledger(() -> replica.connect(DATABASE))) {
            Program program = program(postgres);
            ledger.write();
            assertDone(program.run("full"));
            ledger.write(50);
            assertDone(program.run("incremental"));
            ledger.write(50);
            ledger.pause();
            Instant beforeIt = ledger.now();
            fail(postgres, replica);
            Instant afterIt = after.now();

            Program there = there(program, replica);
            after.write();
            assertDone(there.run("incremental"));
            after.write(50);
            after.pause();
            assertDone(there.run("incremental"));

            StoredWal stored = new StoredWal(repository());
            stored.assertUnbroken();
            assertThat(stored.bases()).hasSize(1);
            assertThat(stored.incrementals())
                    .extracting(manifest -> manifest.at("/wal/timeline").asInt())
                    .containsExactly(1, 1, 2, 2);
            Recovery recovery = recovery(there, replica);
            Ledger.History history = after.history();
            for (Instant time : List.of(
                    stored.windowBegins(),
                    stored.cuts().get(1),
                    beforeIt,
                    afterIt,
                    stored.cuts().get(2))) {
                recovery.assertExact(time, after, history);
            }
            recovery.assertLatest(after);

            assertDone(there.run("full"));
            recovery.assertExact(beforeIt, after, history);
            recovery.assertLatest(after);
        }
    }

    /** Two standbys, promoted apart: both are on a timeline 2, and the segments of both have the same names. */
    @Test
    void two_branches_that_are_both_timeline_2_are_never_mixed() throws Exception {
        try (Postgres postgres = Postgres.start(TOOLS, SETTINGS);
                Ledger ledger = ledger(postgres);
                Replica one = Replica.of(postgres.cluster(), TOOLS, SETTINGS);
                Replica other = Replica.of(postgres.cluster(), TOOLS, SETTINGS);
                Ledger ofOne = new Ledger(() -> one.connect(DATABASE));
                Ledger ofOther = new Ledger(() -> other.connect(DATABASE))) {
            Program program = program(postgres);
            ledger.write();
            assertDone(program.run("full"));
            ledger.write(50);
            assertDone(program.run("incremental"));
            ledger.write(50);
            ledger.pause();
            other.catchUp(postgres.cluster());
            other.promote();
            fail(postgres, one);

            // both go on by themselves
            ofOther.write();
            ofOne.write();
            ofOther.write(100);
            assertDone(there(program, one).run("incremental"));
            ofOne.write(50);
            ofOne.pause();
            assertDone(there(program, one).run("incremental"));
            Instant endOfOne = new StoredWal(repository()).windowEnds();

            Program there = there(program, other);
            assertFailed(there.run("incremental"), 4, "bactrian full");
            assertThat(new StoredWal(repository()).incrementals())
                    .last()
                    .satisfies(manifest ->
                            assertThat(manifest.at("/wal/closed").asText()).isNotEmpty());
            assertFailed(there.run("incremental"), 3, "bactrian full");
            assertDone(there.run("full"));
            ofOther.write(50);
            ofOther.pause();
            assertDone(there.run("incremental"));

            StoredWal stored = new StoredWal(repository());
            stored.assertUnbroken();
            Ledger.History historyOfOne = ofOne.history();
            Recovery recovery = recovery(there, other);
            recovery.assertExact(stored.windowBegins(), ofOne, historyOfOne);
            recovery.assertExact(endOfOne, ofOne, historyOfOne);
            recovery.assertExact(stored.windowEnds(), ofOther, ofOther.history());
            recovery.assertLatest(ofOther);
        }
    }

    /**
     * Both left timeline 1 at the same place, so that their histories are the same, and the one that the chain does not follow
     * is ahead: nothing but the log itself can tell them apart.
     */
    @Test
    void a_branch_with_the_same_history_is_told_apart_on_arrival() throws Exception {
        try (Postgres postgres = Postgres.start(TOOLS, SETTINGS);
                Ledger ledger = ledger(postgres);
                Replica one = Replica.of(postgres.cluster(), TOOLS, SETTINGS);
                Replica other = Replica.of(postgres.cluster(), TOOLS, SETTINGS);
                Ledger ofOne = new Ledger(() -> one.connect(DATABASE));
                Ledger ofOther = new Ledger(() -> other.connect(DATABASE))) {
            Program program = program(postgres);
            ledger.write();
            assertDone(program.run("full"));
            ledger.pause();
            one.catchUp(postgres.cluster());
            other.catchUp(postgres.cluster());
            postgres.cluster().stop(); // in order: both have all of it
            one.promote();
            other.promote();

            ofOne.write();
            ofOne.pause();
            assertDone(there(program, one).run("incremental"));
            Instant endOfOne = new StoredWal(repository()).windowEnds();
            for (int i = 0; i < 4; i++) {
                ofOther.write();
                ofOther.pause();
                ofOther.switchWal();
            }
            ofOther.write();

            assertFailed(there(program, other).run("incremental"), 4, "bactrian full");
            assertDone(there(program, other).run("full"));
            ofOther.pause();
            assertDone(there(program, other).run("incremental"));

            new StoredWal(repository()).assertUnbroken();
            Recovery recovery = recovery(there(program, other), other);
            recovery.assertExact(endOfOne, ofOne, ofOne.history());
            recovery.assertLatest(ofOther);
        }
    }

    @Test
    void a_primary_that_is_lost_right_after_a_cut_leaves_a_chain_that_goes_on() throws Exception {
        try (Postgres postgres = Postgres.start(TOOLS, SETTINGS);
                Ledger ledger = ledger(postgres);
                Replica replica = Replica.of(postgres.cluster(), TOOLS, SETTINGS);
                Ledger after = new Ledger(() -> replica.connect(DATABASE))) {
            Program program = program(postgres);
            assertDone(program.run("full"));
            ledger.write();
            ledger.pause();
            assertDone(program.run("incremental"));
            fail(postgres, replica);
            StoredWal stored = new StoredWal(repository());
            Lsn end = Lsn.of(stored.incrementals().get(1).at("/wal/end").asText());
            assertThat(replica.leftTimelineAt())
                    .as("the case that is to be tested: the log ended with its segment")
                    .isEqualTo(end);

            Program there = there(program, replica);
            after.write();
            assertDone(there.run("incremental"));
            after.pause();
            assertDone(there.run("incremental"));

            stored.assertUnbroken();
            stored.assertOneChain();
            recovery(there, replica).assertLatest(after);
        }
    }

    @Test
    void what_was_streamed_before_a_promotion_is_listed_after_it() throws Exception {
        try (Postgres postgres = Postgres.start(TOOLS, SETTINGS);
                Ledger ledger = ledger(postgres);
                Replica replica = Replica.of(postgres.cluster(), TOOLS, SETTINGS);
                Ledger after = new Ledger(() -> replica.connect(DATABASE))) {
            Program program = program(postgres);
            assertDone(program.run("full"));
            String last = stream(program, ledger);
            fail(postgres, replica);

            Program there = there(program, replica);
            after.write();
            stream(there, after); // the other timeline is an incremental's business, so one is made at once
            assertDone(there.run("incremental"));

            StoredWal stored = new StoredWal(repository());
            stored.assertUnbroken();
            stored.assertOneChain();
            assertThat(stored.incrementals()).hasSize(3);
            assertThat(stored.segments(stored.incrementals().get(1))).contains(last);
            recovery(there, replica).assertLatest(after);
        }
    }

    @Test
    void what_was_streamed_and_never_reached_the_standby_that_is_promoted_is_left_out() throws Exception {
        try (Postgres postgres = Postgres.start(TOOLS, SETTINGS);
                Ledger ledger = ledger(postgres);
                Replica replica = Replica.of(postgres.cluster(), TOOLS, SETTINGS);
                Ledger after = new Ledger(() -> replica.connect(DATABASE))) {
            Program program = program(postgres);
            ledger.write();
            assertDone(program.run("full"));
            ledger.pause();
            replica.catchUp(postgres.cluster());
            replica.cutOff();
            long seen = after.last();
            stream(program, ledger);
            assertThat(ledger.last()).isGreaterThan(seen);
            postgres.cluster().stop();
            replica.promote();

            Program there = there(program, replica);
            after.write();
            Program.Outcome incremental = there.run("incremental");
            assertDone(incremental);
            assertThat(incremental.err()).contains("What was streamed is not what the server's log goes on from");
            after.pause();
            assertDone(there.run("incremental"));

            StoredWal stored = new StoredWal(repository());
            stored.assertUnbroken();
            stored.assertOneChain();
            recovery(there, replica).assertLatest(after);
        }
    }

    /** A scheduler streams what is written, until it is killed; returns the last segment. */
    private String stream(Program program, Ledger ledger) throws Exception {
        Journal journal = new Journal(repository());
        Program.Running scheduler = Program.Running.of(Journal.of(program).start("scheduler", "start"));
        ledger.write();
        ledger.pause();
        journal.awaitAllOf(ledger);
        ChildProcesses.Marked.signal(scheduler.process().pid(), "KILL");
        scheduler.outcome();
        return journal.last();
    }

    /** The primary is gone and the replica takes its place. */
    private static void fail(Postgres postgres, Replica replica) throws Exception {
        replica.catchUp(postgres.cluster());
        replica.promote();
        postgres.cluster().stop();
    }

    private static Ledger ledger(Postgres postgres) throws Exception {
        postgres.createDatabase(DATABASE);
        return Ledger.create(() -> postgres.connect(DATABASE));
    }

    private Path repository() {
        return folder.resolve("repository");
    }

    private Program program(Postgres postgres) {
        return Program.of(repository(), postgres.backupUrl(DATABASE)).with("BACKUP_PITR", "on");
    }

    private static Program there(Program program, Replica replica) {
        return program.with("DATABASE_URL", replica.url(Postgres.BACKUP_ROLE, Postgres.PASSWORD, DATABASE));
    }

    private Recovery recovery(Program program, Replica server) throws Exception {
        return new Recovery(program.with("DATABASE_URL", server.url(DATABASE)), folder, server::connect);
    }

    private static Map<String, String> with(Map<String, String> settings, String name, String value) {
        Map<String, String> more = new HashMap<>(settings);
        more.put(name, value);
        return Map.copyOf(more);
    }
}
