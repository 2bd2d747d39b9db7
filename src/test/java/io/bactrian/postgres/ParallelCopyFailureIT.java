package io.bactrian.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.Failure;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Archives, sources, sessions and tables that fail while rows are loaded: never a short load that passes for a whole one. */
@Timeout(300)
class ParallelCopyFailureIT {
    private static final CopyStatement NUMBERS = new CopyStatement(
            new ArchiveEntry(1, "TABLE DATA", "public", "numbers", false, "COPY numbers FROM stdin;\n", List.of()),
            "UTF8");

    @RegisterExtension
    private static final CopyScene scene = new CopyScene();

    @Test
    void what_a_table_does_not_take_fails_the_load_with_its_name() throws Exception {
        scene.define(scene.original());
        scene.server().sql("copy", "ALTER TABLE numbers ADD CHECK (i < 99999)");

        assertThatThrownBy(() -> scene.rows(Files.newInputStream(scene.original()), 3))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.hint()).isNotBlank())
                .hasMessageContaining("Cannot load the rows of public.numbers")
                .hasMessageContaining("violates check constraint")
                .hasMessageNotContaining("99999");
    }

    @Test
    void a_session_that_is_ended_fails_the_load() throws Exception {
        scene.define(scene.original());

        assertThatThrownBy(() -> scene.rows(Files.newInputStream(scene.original()), 2, () -> ended(scene.session())))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("Cannot load the rows of ")
                .hasMessageContaining("the server has ended the connection");
    }

    @Test
    void a_session_that_cannot_be_opened_fails_the_load_and_closes_those_before_it() throws Exception {
        scene.define(scene.original());
        AtomicInteger opened = new AtomicInteger();

        assertThatThrownBy(() -> scene.rows(Files.newInputStream(scene.original()), 3, () -> {
                    if (opened.incrementAndGet() == 3) {
                        throw Failure.precondition("no more sessions", "wait");
                    }
                    return scene.session();
                }))
                .hasMessage("no more sessions");
    }

    @Test
    void an_archive_that_is_cut_short_anywhere_fails_the_load() throws Exception {
        byte[] whole = Files.readAllBytes(scene.original());
        scene.define(scene.original());
        for (int tenth = 1; tenth < 10; tenth++) {
            byte[] part = Arrays.copyOf(whole, whole.length / 10 * tenth);
            assertThatThrownBy(() -> scene.rows(new ByteArrayInputStream(part), 2))
                    .isInstanceOf(Failure.class)
                    .hasMessageContaining("it ends within its data");
        }
    }

    @Test
    void an_archive_that_is_cut_at_any_byte_fails_the_load() throws Exception {
        scene.server().sql("postgres", "CREATE DATABASE few");
        scene.server()
                .sql(
                        "few",
                        "CREATE TABLE a AS SELECT 'a' AS t",
                        "CREATE TABLE b AS SELECT 'b' AS t",
                        "CREATE TABLE c (t text)");
        Path small = scene.dumped("few");
        byte[] whole = Files.readAllBytes(small);
        scene.define(small);
        for (int length = (int) Files.size(scene.file("head.dump")); length < whole.length; length++) {
            byte[] part = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> scene.rows(new ByteArrayInputStream(part), 1))
                    .as("cut at %d of %d", length, whole.length)
                    .isInstanceOf(Failure.class)
                    .hasMessageContaining("it ends ");
        }
        scene.rows(new ByteArrayInputStream(whole), 1);
        scene.server().sql("postgres", "DROP DATABASE few");
    }

    @Test
    void rows_without_the_mark_of_their_end_are_refused() throws Exception {
        scene.define(scene.original());
        for (String unfinished : List.of("", "1\tone\n", "1\tone\\.\n\n\n", "1\tone\n\\")) {
            try (ParallelCopy copy = ParallelCopy.through(1, scene::session)) {
                OutputStream rows = copy.rows(NUMBERS);
                rows.write(unfinished.getBytes(StandardCharsets.UTF_8));
                assertThatThrownBy(rows::close).hasMessageContaining("the rows of public.numbers have no end");
            }
        }
    }

    @Test
    void a_failure_of_one_session_cancels_what_the_others_do() throws Exception {
        scene.server().sql("postgres", "CREATE DATABASE slow");
        scene.server()
                .sql(
                        "slow",
                        "CREATE FUNCTION slowly(int) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RETURN true; END'",
                        "CREATE TABLE a_slow (i int CHECK (slowly(i)))",
                        "INSERT INTO a_slow VALUES (1)",
                        "CREATE OR REPLACE FUNCTION slowly(int) RETURNS boolean LANGUAGE plpgsql AS"
                                + " 'BEGIN PERFORM pg_catalog.pg_sleep(1000); RETURN true; END'");
        // more than one, since the session that is busy with the slow one may have taken one of them
        List<String> bad = List.of("b_bad", "c_bad", "d_bad", "e_bad");
        for (String table : bad) {
            scene.server().sql("slow", "CREATE TABLE " + table + " AS SELECT 1 AS i");
        }
        Path archive = scene.dumped("slow");
        scene.define(archive);
        for (String table : bad) {
            scene.server().sql("copy", "ALTER TABLE " + table + " ADD CHECK (i > 1)");
        }

        assertThatThrownBy(() -> scene.rows(Files.newInputStream(archive), 2)).hasMessageContaining("_bad");
        scene.server().sql("postgres", "DROP DATABASE slow");
    }

    @Test
    void a_session_that_ends_without_an_exception_of_the_server_is_no_success() throws Exception {
        scene.define(scene.original());
        assertThatThrownBy(() ->
                        scene.rows(Files.newInputStream(scene.original()), 2, () -> failingAtItsEnd(scene.session())))
                .isInstanceOf(LinkageError.class);
    }

    @Test
    void a_source_that_fails_within_a_row_fails_the_load() throws Exception {
        scene.define(scene.original());
        byte[] whole = Files.readAllBytes(scene.original());
        InputStream failing = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("the source failed");
            }
        };
        InputStream half = new SequenceInputStream(
                new ByteArrayInputStream(Arrays.copyOf(whole, whole.length - 2_000_000)), failing);

        assertThatThrownBy(() -> scene.rows(half, 2))
                .isInstanceOf(IOException.class)
                .hasMessage("the source failed");
        assertThat(scene.server().value("copy", "SELECT count(*) FROM wide WHERE length(t) < " + CopyScene.WIDE_BYTES))
                .as("half values")
                .isEqualTo("0");
    }

    @Test
    void rows_that_were_not_finished_are_not_kept() throws Exception {
        scene.define(scene.original());
        try (ParallelCopy copy = ParallelCopy.through(2, scene::session)) {
            OutputStream rows = copy.rows(NUMBERS);
            rows.write("1\tone\n2\ttw".getBytes(StandardCharsets.UTF_8));
        }
        assertThat(scene.server().value("copy", "SELECT count(*) FROM numbers")).isEqualTo("0");
    }

    private static Connection ended(Connection session) {
        try {
            int pid = Sql.rows(session, "SELECT pg_backend_pid()", row -> row.getInt(1))
                    .get(0);
            scene.server().value("postgres", "SELECT pg_terminate_backend(" + pid + ", 10000)");
            return session;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Connection failingAtItsEnd(Connection session) {
        return (Connection) Proxy.newProxyInstance(
                ParallelCopyFailureIT.class.getClassLoader(),
                new Class<?>[] {Connection.class},
                (proxy, method, arguments) -> {
                    Object result = method.invoke(session, arguments);
                    if (method.getName().equals("close")) {
                        throw new LinkageError("at the end");
                    }
                    return result;
                });
    }
}
