package io.bactrian.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GnuPgIT {
    @TempDir
    Path root;

    private Path home;
    private RepositoryOnDisk repository;
    private Shell shell;

    @BeforeEach
    void make_a_private_home_that_knows_the_passphrase() throws IOException, InterruptedException {
        // short, for the agent's socket has to fit into 108 bytes
        home = Files.createTempDirectory(
                "gpg", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path passphrase = home.resolve("passphrase");
        Files.writeString(passphrase, Keys.TEXT);
        Files.writeString(home.resolve("gpg.conf"), "pinentry-mode loopback\npassphrase-file " + passphrase + "\n");
        repository = RepositoryOnDisk.create(root, Encryption.GPG);
        shell = new Shell(repository.backup(), Map.of("GNUPGHOME", home.toString(), "LC_ALL", "C.UTF-8"));
        assumeTrue(shell.run("command -v gpg").exitCode() == 0, "GnuPG is not installed: apt-get install gpg");
    }

    @AfterEach
    void end_the_agent_and_remove_the_home() throws IOException, InterruptedException {
        shell.run("gpgconf --kill all; rm -rf \"$GNUPGHOME\"").succeeded();
    }

    @Test
    void a_gpg_artifact_opens_with_the_very_command_of_the_manifest() throws IOException, InterruptedException {
        String command = RepositoryOnDisk.openCommand(Encryption.GPG);

        assertThat(shell.run(command).succeeded().output()).isEqualTo(RepositoryOnDisk.CONTENT);
        assertThat(shell.run(command).succeeded().output())
                .as("again, the key being imported already")
                .isEqualTo(RepositoryOnDisk.CONTENT);
    }

    @Test
    void a_truncated_gpg_artifact_is_refused() throws IOException, InterruptedException {
        Path artifact = repository.backup().resolve(RepositoryOnDisk.artifact(Encryption.GPG));
        byte[] stored = Files.readAllBytes(artifact);
        Files.write(artifact, Arrays.copyOf(stored, stored.length - 100));

        assertThat(shell.run(RepositoryOnDisk.openCommand(Encryption.GPG)).exitCode())
                .isNotZero();
    }

    @Test
    void a_signature_verifies_with_gpg_and_an_edited_manifest_does_not() throws IOException, InterruptedException {
        shell.run("gpg --import ../../keys/" + Keys.RING.fingerprint() + ".public.asc")
                .succeeded();

        assertThat(shell.run("gpg --verify manifest.json.sig manifest.json")
                        .succeeded()
                        .errors())
                .contains("Good signature from \"Bactrian repository 2025-01-01\"");
        Files.writeString(repository.backup().resolve(RepositoryOnDisk.MANIFEST), "edited");
        assertThat(shell.run("gpg --verify manifest.json.sig manifest.json").exitCode())
                .isNotZero();
    }

    @Test
    void the_secret_key_for_gnupg_is_locked_with_the_largest_count() throws IOException, InterruptedException {
        String packets = shell.run("gpg --list-packets ../../keys/" + Keys.RING.fingerprint() + ".secret-gpg.asc")
                .succeeded()
                .text();

        assertThat(packets.lines().filter(line -> line.contains("iter+salt S2K, algo: 9, SHA1 protection, hash: 8")))
                .hasSize(2);
        assertThat(packets.lines().filter(line -> line.contains("protect count: 65011712 (255)")))
                .hasSize(2);
    }

    @Test
    void what_gpg_signed_with_the_key_verifies_here() throws IOException, InterruptedException {
        shell.run("gpg --batch --import ../../keys/" + Keys.RING.fingerprint() + ".secret-gpg.asc")
                .succeeded();
        byte[] signature = shell.run("gpg --batch --armor --detach-sign --output - manifest.json")
                .succeeded()
                .output();

        assertThatCode(() -> Keys.RING.verify(RepositoryOnDisk.CONTENT, signature))
                .doesNotThrowAnyException();
    }

    @Test
    void what_gpg_encrypted_to_the_certificate_opens_here() throws IOException, InterruptedException {
        shell.run("gpg --import ../../keys/" + Keys.RING.fingerprint() + ".public.asc")
                .succeeded();
        byte[] message = shell.run("gpg --batch --trust-model always --compress-algo none --recipient "
                        + Keys.RING.fingerprint() + " --encrypt --output - manifest.json")
                .succeeded()
                .output();

        assertThat(new Sealed(Encryption.GPG, new byte[0], message, "").open()).isEqualTo(RepositoryOnDisk.CONTENT);
    }
}
