package io.bactrian.acceptance;

import static io.bactrian.acceptance.LoudFailure.assertDone;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.ExitCode;
import io.bactrian.pipeline.SftpPage;
import io.bactrian.pipeline.SftpServer;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.io.file.PathUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** An SFTP server as a store, by what {@code docs/stores.md} says and nothing else. */
@ExtendWith(Postgres.Shared.class)
class SftpIT {
    private static final String DATABASE = "sent_by_ssh";
    private static final String TARGET = "sent_by_ssh_restored";

    @TempDir
    private Path folder;

    @Test
    void a_route_file_properties_and_three_jars_add_a_store(Postgres postgres) throws Exception {
        postgres.createDatabase(DATABASE);
        postgres.sql(DATABASE, "CREATE TABLE hump AS SELECT i, md5(i::text) AS t FROM generate_series(1, 3000) i");
        Path repository = folder.resolve("repository");
        Path installation = folder.resolve("installation");
        Program program = Program.of(repository, postgres.backupUrl(DATABASE))
                .installedIn(installation)
                .with("BACKUP_STORES", "sftp")
                .with("BACKUP_PITR", "off")
                .with("BACKUP_RETRIES", "0");
        SftpServer server = new SftpServer(folder);
        try (server) {
            add(server, installation);
            Program.Outcome full = program.run("full", "--no-test");
            assertDone(full);
            assertThat(full.out()).as(full.toString()).contains("Stores: sftp complete");
            PathUtils.deleteDirectory(server.root().resolve("backups/full"));
            Program.Outcome repaired = program.run("replicate");
            assertDone(repaired);
            assertThat(repaired.out()).contains("Copied to sftp: 1 backup");

            PathUtils.deleteDirectory(repository);
            assertDone(program.with("DATABASE_URL", postgres.adminUrl(DATABASE))
                    .run("restore", "latest", TARGET, "--from", "sftp"));
            assertThat(postgres.value(TARGET, "SELECT count(*) FROM hump")).isEqualTo("3000");
        }
        Program.Outcome away = program.run("replicate");
        assertThat(away.exitCode()).as(away.toString()).isNotEqualTo(ExitCode.DONE.number());
        assertThat(away.err()).contains("sftp");
    }

    private static void add(SftpServer server, Path installation) throws Exception {
        Files.writeString(installation.resolve("routes/store-sftp.camel.yaml"), SftpPage.routes());
        String properties = SftpPage.properties(server, installation.resolve("work")).entrySet().stream()
                .map(property -> property.getKey() + " = " + property.getValue() + "\n")
                .collect(Collectors.joining());
        Files.writeString(installation.resolve("application.properties"), "\n" + properties, StandardOpenOption.APPEND);
        Path extensions = Files.createDirectory(installation.resolve("ext"));
        for (String jar : System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
                .split(File.pathSeparator)) {
            Path file = Path.of(jar);
            if (Stream.of("camel-ftp-", "jsch-", "commons-net-")
                    .anyMatch(file.getFileName().toString()::startsWith)) {
                Files.createSymbolicLink(extensions.resolve(file.getFileName()), file);
            }
        }
    }
}
