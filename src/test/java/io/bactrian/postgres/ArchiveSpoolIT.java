package io.bactrian.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchiveSpoolIT {
    private static final int HEAD_BEFORE_TIME = 11;
    private static final int COMPRESSION_AND_TIME = 8 * 5;

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
    void an_archive_from_a_pipe_becomes_what_pg_dump_writes_where_it_can_seek() throws Exception {
        Path seekable = folder.resolve("seekable.dump");
        server.run("postgres", "postgres", "pg_dump", "-Fc", "-Z0", "--file=" + seekable);
        Path piped = piped();

        assertThat(withoutTime(piped)).as("pg_dump itself").isNotEqualTo(withoutTime(seekable));
        assertThat(withoutTime(spooled(Files.newInputStream(piped)))).isEqualTo(withoutTime(seekable));
    }

    @Test
    void what_is_not_understood_is_still_written_byte_for_byte() throws Exception {
        byte[] whole = Files.readAllBytes(piped());
        byte[] strange = Arrays.copyOf(whole, whole.length / 2);
        assertThat(spooled(new ByteArrayInputStream(strange))).hasBinaryContent(strange);
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
        try (archive;
                FileChannel channel = FileChannel.open(
                        file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ArchiveSpool.write(archive, channel);
        }
        return file;
    }

    private static byte[] withoutTime(Path archive) throws IOException {
        byte[] bytes = Files.readAllBytes(archive);
        Arrays.fill(bytes, HEAD_BEFORE_TIME, HEAD_BEFORE_TIME + COMPRESSION_AND_TIME, (byte) 0);
        return bytes;
    }
}
