package io.bactrian.acceptance;

import static io.bactrian.acceptance.LoudFailure.assertDone;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A backup beside statements that want a table for themselves: the proof never stands between them and pg_dump. */
@ExtendWith(Postgres.Shared.class)
class DumpLocksIT {
    private static final String DATABASE = "contended";
    private static final String COPY = "contended_copy";

    @TempDir
    private Path folder;

    /** pg_dump locks in this order, and a_large does not fit into the pipes between it and us. */
    @BeforeEach
    void some_tables(Postgres postgres) throws Exception {
        postgres.createDatabase(DATABASE);
        postgres.sql("postgres", "DROP DATABASE IF EXISTS " + COPY);
        postgres.sql(
                DATABASE,
                "CREATE TABLE a_large AS SELECT i, repeat(md5(i::text), 30) AS text FROM generate_series(1, 2000) i",
                "CREATE TABLE b_small AS SELECT generate_series(1, 3) AS i",
                "CREATE TABLE c_last AS SELECT generate_series(1, 4) AS i");
    }

    private Path repository() {
        return folder.resolve("repository");
    }

    @Test
    void a_truncate_that_comes_before_pg_dump_waits_for_nobody_and_is_named(Postgres postgres) throws Exception {
        Program backup = pausing(postgres, "wait_here; exec $REAL \"$@\"");
        Program.Running run = Program.Running.of(backup.start("full"));
        awaitPause(run);
        truncateAtOnce(postgres);
        goOn();

        assertChanged(assertRestores(postgres, run));
    }

    /** The dump has the rows, and no lock protects them from a proof that would find none. */
    @ParameterizedTest
    @ValueSource(strings = {"custom", "plain"})
    void a_truncate_that_comes_after_pg_dump_and_before_the_proof_does_not_falsify_it(String format, Postgres postgres)
            throws Exception {
        Program backup = pausing(postgres, "$REAL \"$@\" > dump-of-test; wait_here; cat dump-of-test; rm dump-of-test")
                .with("BACKUP_FORMAT", format);
        Program.Running run = Program.Running.of(backup.start("full"));
        awaitPause(run);
        truncateAtOnce(postgres);
        goOn();

        assertChanged(assertRestores(postgres, run));
        assertThat(postgres.value(COPY, "SELECT count(*) FROM b_small")).isEqualTo("3");
    }

    /** Were the proof there before pg_dump has all its locks, it would leave out the table that pg_dump still waits for. */
    @ParameterizedTest
    @ValueSource(strings = {"custom", "plain"})
    void a_table_that_somebody_waits_for_behind_pg_dump_is_left_to_pg_dump(String format, Postgres postgres)
            throws Exception {
        Program.Running run;
        CompletableFuture<Void> truncation;
        try (Connection holder = postgres.connect(DATABASE);
                Statement statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            statement.execute("LOCK TABLE c_last IN ACCESS EXCLUSIVE MODE");
            run = Program.Running.of(Program.of(repository(), postgres.backupUrl(DATABASE))
                    .with("BACKUP_FORMAT", format)
                    .start("full"));
            awaitLocks(postgres, "AccessShareLock", "c_last");
            truncation = CompletableFuture.runAsync(() -> {
                try {
                    postgres.sql(DATABASE, "TRUNCATE a_large");
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            awaitLocks(postgres, "AccessExclusiveLock", "a_large");
            holder.commit();
        }

        JsonNode manifest = assertRestores(postgres, run);
        truncation.get(30, SECONDS);
        assertThat(manifest.at("/proof/leftOut")).singleElement().satisfies(left -> {
            assertThat(left.get("name").asText()).isEqualTo("a_large");
            assertThat(left.get("reason").asText()).isEqualTo("locked");
        });
        assertThat(manifest.get("warnings").toString()).contains("public.a_large");
        assertThat(postgres.value(COPY, "SELECT count(*) FROM a_large")).isEqualTo("2000");
    }

    private void assertChanged(JsonNode manifest) {
        assertThat(manifest.at("/proof/leftOut")).singleElement().satisfies(left -> {
            assertThat(left.get("name").asText()).isEqualTo("b_small");
            assertThat(left.get("reason").asText()).isEqualTo("changed");
        });
        assertThat(manifest.get("warnings").toString()).contains("public.b_small");
    }

    /** The backup succeeds, and so does a restore of it, which compares all but what the proof leaves out. */
    private JsonNode assertRestores(Postgres postgres, Program.Running run) throws Exception {
        Program.Outcome made = run.outcome();
        assertDone(made);
        assertThat(made.err()).contains("Warning: The proof leaves out");
        Program.Outcome restored = Program.of(repository(), postgres.adminUrl(DATABASE))
                .with("BACKUP_TEMP_DIR", folder.toString())
                .run("restore", "latest", COPY);
        assertDone(restored);
        assertThat(restored.out()).contains("2 of 2 tables as in the proof", "Not compared, since the proof");
        return Stored.in(repository(), made.backupId()).manifest();
    }

    /** A program whose pg_dump does these lines; {@code wait_here} among them waits for {@link #goOn}. */
    private Program pausing(Postgres postgres, String lines) throws Exception {
        ToolFolder tools = ToolFolder.in(folder.resolve("tools")).replace("pg_dump", """
                wait_here() { touch %1$s/paused; while [ -e %1$s/paused ] && [ ! -e %1$s/on ]; do sleep 0.05; done; }
                cd %1$s
                case "$*" in *--snapshot=*) %2$s;; *) exec $REAL "$@";; esac
                """.formatted(folder, lines));
        return tools.of(Program.of(repository(), postgres.backupUrl(DATABASE)));
    }

    private void awaitPause(Program.Running run) {
        await().atMost(60, SECONDS)
                .failFast("the run ended", () -> !run.process().isAlive())
                .until(() -> Files.exists(folder.resolve("paused")));
    }

    private void goOn() throws Exception {
        Files.createFile(folder.resolve("on"));
    }

    private static void truncateAtOnce(Postgres postgres) throws Exception {
        postgres.sql(DATABASE, "SET lock_timeout = '3s'", "TRUNCATE b_small");
    }

    private static void awaitLocks(Postgres postgres, String mode, String table) {
        await().atMost(60, SECONDS)
                .until(() -> postgres.value(
                                DATABASE,
                                "SELECT count(*) FROM pg_locks WHERE NOT granted AND mode = '" + mode
                                        + "' AND relation = '" + table + "'::regclass")
                        .equals("1"));
    }
}
