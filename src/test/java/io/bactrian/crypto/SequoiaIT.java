package io.bactrian.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Sequoia's sq 1.3 is in Debian 13 and not in Debian 12: it runs in a tree of its own, by chroot. */
class SequoiaIT {
    private static final Path TREE = Path.of(System.getProperty("user.home"), ".cache/bactrian/trixie");
    private static final String SECRET = "../../keys/" + Keys.RING.fingerprint() + ".secret.asc";
    private static final String PUBLIC = "../../keys/" + Keys.RING.fingerprint() + ".public.asc";

    private Path root;
    private RepositoryOnDisk repository;

    @BeforeEach
    void write_a_repository_into_the_tree() throws IOException {
        assumeTrue(
                Files.isExecutable(TREE.resolve("usr/bin/sq")) && "root".equals(System.getProperty("user.name")),
                "no Debian 13 with sq: as root, debootstrap --variant=minbase --include=sq trixie " + TREE);
        root = Files.createTempDirectory(TREE.resolve("tmp"), "bactrian");
        repository = RepositoryOnDisk.create(root, Encryption.OPENPGP);
    }

    @AfterEach
    void remove_the_repository() throws IOException, InterruptedException {
        if (root != null) {
            new Shell(TREE, Map.of())
                    .run(List.of("rm", "-rf", root.toString()), "")
                    .succeeded();
        }
    }

    @Test
    void an_openpgp_artifact_opens_with_the_very_command_of_the_manifest() throws IOException, InterruptedException {
        inDebian13AtATerminal(RepositoryOnDisk.openCommand(Encryption.OPENPGP) + " > content", Keys.TEXT + "\n")
                .succeeded();

        assertThat(repository.backup().resolve("content")).hasBinaryContent(RepositoryOnDisk.CONTENT);
    }

    @Test
    void a_truncated_openpgp_artifact_is_refused() throws IOException, InterruptedException {
        Path artifact = repository.backup().resolve(RepositoryOnDisk.artifact(Encryption.OPENPGP));
        byte[] stored = Files.readAllBytes(artifact);
        Files.write(artifact, Arrays.copyOf(stored, stored.length - 100));

        Shell.Result refused = inDebian13AtATerminal(
                RepositoryOnDisk.openCommand(Encryption.OPENPGP) + " > content", Keys.TEXT + "\n");

        assertThat(refused.exitCode()).isNotZero();
        assertThat(repository.backup().resolve("content")).isEmptyFile();
    }

    @Test
    void a_signature_verifies_with_sq_and_an_edited_manifest_does_not() throws IOException, InterruptedException {
        String verify = "sq verify --signer-file " + PUBLIC + " --signature-file manifest.json.sig manifest.json";

        assertThat(inDebian13(verify).succeeded().errors()).containsPattern("1\\hauthenticated signature");
        Files.writeString(repository.backup().resolve(RepositoryOnDisk.MANIFEST), "edited");
        assertThat(inDebian13(verify).exitCode()).isNotZero();
    }

    @Test
    void the_secret_key_is_locked_with_argon2() throws IOException, InterruptedException {
        String packets = inDebian13("sq packet dump " + SECRET).succeeded().text();

        assertThat(packets.lines().filter(line -> line.contains("S2K: Argon2"))).hasSize(2);
        assertThat(packets.lines().filter(line -> line.contains("Memory: 14 (16384 KiB)")))
                .hasSize(2);
    }

    @Test
    void sq_finds_no_fault_with_the_certificate() throws IOException, InterruptedException {
        assertThat(inDebian13("sq cert lint --cert-file " + PUBLIC).succeeded().errors())
                .containsPattern("0\\hof the 1\\hcertificates \\(0%\\) have at least one issue");
    }

    private Shell.Result inDebian13(String line) throws IOException, InterruptedException {
        return new Shell(root, Map.of()).run(chroot(line), "");
    }

    /** The passphrase is asked for at a terminal, and typed there. */
    private Shell.Result inDebian13AtATerminal(String line, String typed) throws IOException, InterruptedException {
        String command =
                String.join(" ", chroot(line).stream().map(ShellQuote::quote).toList());
        return new Shell(root, Map.of()).run(List.of("script", "-qec", command, "/dev/null"), typed);
    }

    private List<String> chroot(String line) {
        Path backup = Path.of("/").resolve(TREE.relativize(repository.backup()));
        Path home = Path.of("/").resolve(TREE.relativize(root)).resolve("home");
        return List.of(
                "chroot",
                TREE.toString(),
                "env",
                "SEQUOIA_HOME=" + home,
                "LC_ALL=C.UTF-8",
                "sh",
                "-c",
                "cd " + backup + " && " + line);
    }
}
