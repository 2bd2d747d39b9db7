package io.bactrian.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.Failure;
import io.bactrian.stream.Digested;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What of an archive goes into the file, for {@code pg_restore}. */
class ArchiveStreamIT {
    private static final byte OFFSET_SET = 2; // K_OFFSET_POS_SET

    private static final Tools TOOLS = Tools.locateServer(Optional.empty());

    private static ScratchServer server;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() throws Exception {
        server = ScratchServer.start();
        server.sql(
                "postgres",
                "CREATE TABLE numbers AS SELECT i, md5(i::text) FROM generate_series(1, 20000) i",
                "CREATE TABLE nothing (i int)",
                "CREATE TABLE wide AS SELECT repeat('wide ', 100000) AS text",
                "SELECT lo_from_bytea(0, convert_to(repeat('large ', 50000), 'UTF8'))",
                "SELECT lo_from_bytea(0, '')");
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    @Test
    void an_archive_from_a_pipe_keeps_its_content() throws Exception {
        Path piped = piped();
        assertThat(script(spooled(Files.newInputStream(piped)))).isEqualTo(script(piped));
    }

    @Test
    void an_archive_that_was_seekable_keeps_its_content() throws Exception {
        Path seekable = seekable();
        assertThat(script(spooled(Files.newInputStream(seekable)))).isEqualTo(script(seekable));
    }

    @Test
    void compressed_data_stay_compressed_and_whole() throws Exception {
        Path seekable = folder.resolve("compressed.dump");
        server.run("postgres", "postgres", "pg_dump", "-Fc", "-Z6", "--file=" + seekable);
        assertThat(script(spooled(Files.newInputStream(seekable)))).isEqualTo(script(seekable));
    }

    @Test
    void each_entry_says_where_its_data_begin_as_it_does_where_pg_dump_can_seek() throws Exception {
        assertThat(entriesThatSayWhere(piped())).as("pg_dump itself").isEmpty();
        assertThat(entriesThatSayWhere(spooled(Files.newInputStream(piped()))))
                .isNotEmpty()
                .isEqualTo(entriesThatSayWhere(seekable()));
    }

    @Test
    void rows_come_together_in_larger_pieces() throws Exception {
        int rows = 20_000;
        int bytesBesideEach = 5;
        Path piped = piped();
        assertThat(Files.size(spooled(Files.newInputStream(piped))))
                .isLessThan(Files.size(piped) - rows * bytesBesideEach * 9 / 10);
    }

    @Test
    void a_format_that_is_not_known_is_refused_with_what_to_do() throws Exception {
        byte[] strange = Files.readAllBytes(piped());
        strange["PGDMP".length() + 1] = 99;
        assertThatThrownBy(() -> spooled(new ByteArrayInputStream(strange)))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.hint()).contains("pg_restore"))
                .hasMessageContaining("archive format 1.99");
    }

    @Test
    void the_file_is_for_its_owner_alone() throws Exception {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(spooled(Files.newInputStream(piped())))))
                .isEqualTo("rw-------");
    }

    @Test
    void an_archive_that_is_cut_short_is_refused() throws Exception {
        byte[] whole = Files.readAllBytes(piped());
        byte[] half = Arrays.copyOf(whole, whole.length / 2);
        assertThatThrownBy(() -> spooled(new ByteArrayInputStream(half)))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("it ends within its data");
    }

    @Test
    void a_failing_source_fails_the_spool() throws Exception {
        byte[] half = Arrays.copyOf(Files.readAllBytes(piped()), 100_000);
        InputStream failing = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("the source failed");
            }
        };
        assertThatThrownBy(() -> spooled(new SequenceInputStream(new ByteArrayInputStream(half), failing)))
                .isInstanceOf(IOException.class)
                .hasMessage("the source failed");
    }

    /** Ids of entries with a position; at that position stands their data. */
    private static Set<Integer> entriesThatSayWhere(Path archive) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(archive)).order(ByteOrder.LITTLE_ENDIAN);
        ByteArrayInputStream head = new ByteArrayInputStream(bytes.array());
        Set<Integer> ids = new TreeSet<>();
        ArchiveReader.read(head, () -> bytes.capacity() - head.available())
                .offsetFields()
                .forEach((id, field) -> {
                    if (bytes.get(field.intValue()) == OFFSET_SET) {
                        int block = (int) bytes.getLong(field.intValue() + 1);
                        assertThat(bytes.getInt(block + 2))
                                .as("whose data these are")
                                .isEqualTo(id);
                        ids.add(id);
                    }
                });
        return ids;
    }

    /** Digest of the SQL, without its random key. */
    private static String script(Path archive) throws Exception {
        String sql = server.run("postgres", "postgres", "pg_restore", "--file=-", archive.toString())
                .replaceAll("(?m)^\\\\(un)?restrict .*$", "");
        assertThat(sql).contains("COPY public.numbers", "lowrite");
        return Digested.sha256Hex(sql.getBytes(StandardCharsets.UTF_8));
    }

    private Path seekable() throws Exception {
        Path file = folder.resolve("seekable.dump");
        server.run("postgres", "postgres", "pg_dump", "-Fc", "-Z0", "--file=" + file);
        return file;
    }

    private Path piped() throws Exception {
        Path file = folder.resolve("piped.dump");
        ProcessBuilder builder = new ProcessBuilder(
                "sh",
                "-c",
                "\"$0\" -Fc -Z0 | cat > \"$1\"",
                TOOLS.program("pg_dump").toString(),
                file.toString());
        server.server("postgres", "postgres").enter(builder.environment(), "postgres");
        assertThat(builder.start().waitFor()).isZero();
        return file;
    }

    private Path spooled(InputStream archive) throws IOException {
        Path file = folder.resolve("spooled.dump");
        Files.deleteIfExists(file);
        try (ArchiveStream stream = ArchiveStream.open(archive, file)) {
            stream.spool();
        }
        return file;
    }
}
