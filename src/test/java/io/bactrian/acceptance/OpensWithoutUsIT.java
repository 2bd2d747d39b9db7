package io.bactrian.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Without Bactrian: the very {@code open} line of the manifest, then pg_restore or psql. */
@ExtendWith(Postgres.Shared.class)
class OpensWithoutUsIT {
    private static final Path DEBIAN_13 = Path.of(System.getProperty("user.home"), ".cache/bactrian/trixie");
    private static final String DATABASE = "opens_without_us";

    @TempDir
    private Path folder;

    private Path gnupg;

    @BeforeEach
    void make_a_private_gnupg_home_and_a_database(Postgres postgres) throws Exception {
        gnupg = Files.createTempDirectory("gpg"); // short, for the agent's socket has to fit into 108 bytes; 0700
        Path passphrase = Files.writeString(gnupg.resolve("passphrase"), Program.PASSPHRASE);
        Files.writeString(gnupg.resolve("gpg.conf"), "pinentry-mode loopback\npassphrase-file " + passphrase + "\n");
        if (!postgres.exists(DATABASE)) {
            postgres.createDatabase(DATABASE);
            postgres.sql(
                    DATABASE,
                    "CREATE TABLE caravan (id int PRIMARY KEY, load text NOT NULL)",
                    "INSERT INTO caravan SELECT i, repeat(md5(i::text), 4) FROM generate_series(1, 4000) i",
                    "CREATE VIEW heavy AS SELECT * FROM caravan WHERE length(load) > 100");
        }
    }

    @AfterEach
    void end_the_agent() throws Exception {
        new Shell(folder, Map.of("GNUPGHOME", gnupg.toString())).run("gpgconf --kill all; rm -rf \"$GNUPGHOME\"");
    }

    @ParameterizedTest
    @CsvSource({
        "gpg, zstd, custom",
        "gpg, gzip, plain",
        "aes-256-cbc, zstd, plain",
        "aes-256-cbc, gzip, custom",
    })
    void every_artifact_opens_with_its_open_line(
            String encryption, String compression, String format, Postgres postgres) throws Exception {
        Stored backup = back_up(postgres, folder, encryption, compression, format);
        Shell shell = shell(backup);

        assert_that_the_content_is_whole(backup, postgres, artifact -> {
            Path opened = folder.resolve(artifact.get("content").asText());
            shell.run("{ " + artifact.get("open").asText() + "; } > " + opened);
            return opened;
        });
    }

    @Test
    void every_openpgp_artifact_opens_with_sequoia(Postgres postgres) throws Exception {
        assumeTrue(
                Files.isExecutable(DEBIAN_13.resolve("usr/bin/sq")) && "root".equals(System.getProperty("user.name")),
                "no Debian 13 with sq: as root, ./run-tests makes one in " + DEBIAN_13);
        Path inside = Files.createTempDirectory(DEBIAN_13.resolve("tmp"), "bactrian");
        try {
            Stored backup = back_up(postgres, inside, "openpgp", "zstd", "custom");

            assert_that_the_content_is_whole(backup, postgres, artifact -> {
                Path opened = backup.folder().resolve(artifact.get("content").asText());
                // the passphrase is asked for at a terminal, and typed there
                String typed = "script -qec \"$LINE\" /dev/null";
                new Shell(inside, Map.of("LINE", in_debian_13(inside, backup, artifact, opened)))
                        .run(List.of("sh", "-c", typed), Program.PASSPHRASE + "\n");
                return opened;
            });
        } finally {
            new Shell(folder, Map.of()).run("rm -rf " + inside);
        }
    }

    private static String in_debian_13(Path inside, Stored backup, JsonNode artifact, Path opened) throws IOException {
        Path script = Files.writeString(
                inside.resolve("open"),
                "cd " + seenInside(backup.folder()) + " && { "
                        + artifact.get("open").asText() + "; } > " + seenInside(opened) + "\n");
        return "chroot " + DEBIAN_13 + " env SEQUOIA_HOME=" + seenInside(inside.resolve("home"))
                + " LC_ALL=C.UTF-8 bash -o pipefail " + seenInside(script);
    }

    private static Path seenInside(Path path) {
        return Path.of("/").resolve(DEBIAN_13.relativize(path));
    }

    @Test
    void digests_signature_and_hmac_can_be_checked_by_hand(Postgres postgres) throws Exception {
        Stored backup = back_up(postgres, folder, "aes-256-cbc", "zstd", "custom");
        Shell shell = shell(backup);

        assertThat(shell.run("gpg --import ../../keys/*.public.asc && gpg --verify manifest.json.sig manifest.json")
                        .err())
                .contains("Good signature");
        for (JsonNode artifact : backup.artifacts()) {
            String name = artifact.get("name").asText();
            assertThat(shell.run("sha256sum " + name).out())
                    .startsWith(artifact.get("sha256").asText());
            assertThat(Files.size(backup.file(artifact)))
                    .isEqualTo(artifact.get("bytes").asLong());
            assertThat(shell.run(hmac(name)).out().strip())
                    .isEqualTo(artifact.get("hmac").asText());
        }
    }

    @Test
    void without_a_key_sha256sum_checks_the_manifest_and_it_in_turn_the_artifacts(Postgres postgres) throws Exception {
        Program program = Program.of(folder.resolve("repository"), postgres.backupUrl(DATABASE))
                .without("BACKUP_ENCRYPTION_KEY");
        Program.Outcome full = program.run("full");
        assertThat(full.exitCode()).as(full.toString()).isZero();
        Stored backup = Stored.in(folder.resolve("repository"), full.backupId());
        Shell shell = shell(backup);

        assertThat(shell.run("sha256sum -c manifest.json.sha256").out()).isEqualTo("manifest.json: OK\n");
        assert_that_the_content_is_whole(backup, postgres, artifact -> {
            Path opened = folder.resolve(artifact.get("content").asText());
            shell.run(artifact.get("open").asText() + " > " + opened);
            return opened;
        });
    }

    /** As docs/repository-format.md describes it. */
    private static String hmac(String artifact) {
        return "salt=$(head -c 16 " + artifact + " | tail -c 8 | od -An -tx1 | tr -d ' \\n')\n"
                + "key=$(openssl enc -aes-256-cbc -pbkdf2 -iter 200000 -md sha256 -pass env:BACKUP_ENCRYPTION_KEY"
                + " -S $salt -P | sed -n 's/^key=//p')\n"
                + "hmackey=$(printf 'bactrian aes-256-cbc hmac' | openssl dgst -sha256 -mac HMAC -macopt hexkey:$key"
                + " | sed 's/.*= //')\n"
                + "openssl dgst -sha256 -mac HMAC -macopt hexkey:$hmackey < " + artifact + " | sed 's/.*= //'";
    }

    private static Stored back_up(Postgres postgres, Path root, String encryption, String compression, String format)
            throws Exception {
        Program.Outcome full = Program.of(root.resolve("repository"), postgres.backupUrl(DATABASE))
                .with("BACKUP_ENCRYPTION_FORMAT", encryption)
                .with("BACKUP_COMPRESSION", compression)
                .with("BACKUP_FORMAT", format)
                .run("full", "--no-test");
        assertThat(full.exitCode()).as(full.toString()).isZero();
        return Stored.in(root.resolve("repository"), full.backupId());
    }

    private Shell shell(Stored backup) {
        return new Shell(
                backup.folder(),
                Map.of(
                        "GNUPGHOME",
                        gnupg.toString(),
                        "LC_ALL",
                        "C.UTF-8",
                        "BACKUP_ENCRYPTION_KEY",
                        Program.PASSPHRASE));
    }

    @FunctionalInterface
    private interface Opening {
        Path of(JsonNode artifact) throws Exception;
    }

    private static void assert_that_the_content_is_whole(Stored backup, Postgres postgres, Opening opening)
            throws Exception {
        String restored = DATABASE + "_restored";
        postgres.createEmptyDatabase(restored);
        Path dump = opening.of(backup.artifact("dump"));
        if (backup.artifact("dump").get("content").asText().equals("dump-custom")) {
            postgres.program(restored, "pg_restore", "--exit-on-error", "--dbname=" + restored, dump.toString());
        } else {
            postgres.psql(restored, "--quiet", "--file=" + dump);
        }
        assertThat(postgres.dump(restored)).isEqualTo(postgres.dump(DATABASE));
        assertThat(Files.readString(opening.of(backup.artifact("globals"))))
                .contains("CREATE ROLE " + Postgres.BACKUP_ROLE, "PostgreSQL database cluster dump complete");
        JsonNode properties = new ObjectMapper()
                .readTree(opening.of(backup.artifact("properties")).toFile());
        assertThat(properties.get("name").asText()).isEqualTo(DATABASE);
    }
}
