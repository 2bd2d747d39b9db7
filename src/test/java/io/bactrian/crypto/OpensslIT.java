package io.bactrian.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpensslIT {
    @TempDir
    Path root;

    private RepositoryOnDisk repository;
    private Shell shell;

    @BeforeEach
    void write_a_repository() throws IOException {
        repository = RepositoryOnDisk.create(root, Encryption.AES_256_CBC);
        shell = new Shell(repository.backup(), Map.of("BACKUP_ENCRYPTION_KEY", Keys.TEXT));
    }

    @Test
    void an_aes_256_cbc_artifact_opens_with_the_very_command_of_the_manifest()
            throws IOException, InterruptedException {
        assertThat(shell.run(RepositoryOnDisk.openCommand(Encryption.AES_256_CBC))
                        .succeeded()
                        .output())
                .isEqualTo(RepositoryOnDisk.CONTENT);
    }

    @Test
    void an_administrator_can_redo_the_hmac_with_openssl_alone() throws IOException, InterruptedException {
        String artifact = ShellQuote.file(RepositoryOnDisk.artifact(Encryption.AES_256_CBC));
        String recipe = "salt=$(head -c 16 " + artifact + " | tail -c 8 | od -An -tx1 | tr -d ' \\n')\n"
                + "key=$(openssl enc -aes-256-cbc -pbkdf2 -iter 200000 -md sha256 -pass env:BACKUP_ENCRYPTION_KEY"
                + " -S $salt -P | sed -n 's/^key=//p')\n"
                + "hmackey=$(printf 'bactrian aes-256-cbc hmac' | openssl dgst -sha256 -mac HMAC -macopt hexkey:$key"
                + " | sed 's/.*= //')\n"
                + "openssl dgst -sha256 -mac HMAC -macopt hexkey:$hmackey < " + artifact + " | sed 's/.*= //'";

        assertThat(shell.run(recipe).succeeded().text().strip())
                .isEqualTo(Files.readString(repository.backup().resolve(RepositoryOnDisk.HMAC)));
    }
}
