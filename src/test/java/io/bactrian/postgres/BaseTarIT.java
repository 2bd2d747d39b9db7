package io.bactrian.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** With archives of the real pg_basebackup. */
class BaseTarIT {
    private static ScratchServer server;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() throws Exception {
        server = ScratchServer.start();
        server.sql("postgres", "CREATE TABLE t AS SELECT i, md5(i::text) FROM generate_series(1, 20000) i");
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"CRC32C", "SHA256", "NONE"})
    void a_base_on_standard_output_is_as_its_manifest_says(String checksum) throws Exception {
        Path tar = folder.resolve("base.tar");
        server.runInto(
                tar,
                "pg_basebackup",
                "--pgdata=-",
                "--format=tar",
                "--wal-method=fetch",
                "--checkpoint=fast",
                "--manifest-checksums=" + checksum);

        BackupManifest.Outcome outcome = read(tar, "", new BaseFiles()).orElseThrow();

        assertThat(outcome.problem()).isNull();
        assertThat(outcome.files()).isGreaterThan(900);
        assertThat(outcome.compared()).isEqualTo(checksum.equals("CRC32C") ? outcome.files() : 0);
    }

    @Test
    void the_archives_of_tablespaces_count_too_and_a_changed_page_is_found() throws Exception {
        Path place = server.serverFolder("tablespace");
        server.sql(
                "postgres",
                "CREATE TABLESPACE elsewhere LOCATION '" + place + "'",
                "CREATE TABLE there TABLESPACE elsewhere AS SELECT generate_series(1, 20000) i");
        String oid = server.value("postgres", "SELECT oid FROM pg_tablespace WHERE spcname = 'elsewhere'");
        Path spool = folder.resolve("spool");
        server.run(
                TemporaryCluster.SUPERUSER,
                "postgres",
                "pg_basebackup",
                "--pgdata=" + spool,
                "--format=tar",
                "--wal-method=fetch",
                "--checkpoint=fast");

        assertThat(problem(spool, oid)).isNull();

        Path tar = spool.resolve(oid + ".tar");
        try (RandomAccessFile file = new RandomAccessFile(tar.toFile(), "rw")) {
            file.seek(file.length() / 2);
            int before = file.read();
            file.seek(file.length() / 2);
            file.write(before ^ 1);
        }
        assertThat(problem(spool, oid)).matches("holds pg_tblspc/" + oid + "/PG_.* with another content .*");
    }

    private static String problem(Path spool, String oid) throws IOException {
        BaseFiles files = new BaseFiles();
        assertThat(read(spool.resolve("base.tar"), "", files)).isEmpty();
        assertThat(read(spool.resolve(oid + ".tar"), "pg_tblspc/" + oid + "/", files))
                .isEmpty();
        Path manifest = spool.resolve("backup_manifest");
        try (InputStream in = Files.newInputStream(manifest)) {
            return BackupManifest.compare(in, Files.size(manifest), files).problem();
        }
    }

    private static Optional<BackupManifest.Outcome> read(Path tar, String below, BaseFiles files) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(tar))) {
            return BaseTar.read(in, below, files);
        }
    }
}
