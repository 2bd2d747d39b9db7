package io.bactrian.crypto;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Keys and one sealed artifact, laid out as in a repository, to be opened by other programs from {@link #backup()}. */
record RepositoryOnDisk(Path root) {
    static final byte[] CONTENT = Keys.content(1_000_000);
    static final String MANIFEST = "manifest.json";
    static final String SIGNATURE = "manifest.json.sig";
    static final String HMAC = "hmac";

    static RepositoryOnDisk create(Path root, Encryption format) throws IOException {
        RepositoryOnDisk repository = new RepositoryOnDisk(root);
        Files.createDirectories(repository.backup());
        Keys.RING.write(root.resolve("keys"), Keys.PASSPHRASE, format);
        Seal seal = Keys.seal(format);
        Path artifact = repository.backup().resolve(artifact(format));
        try (OutputStream body = seal.body(Files.newOutputStream(artifact))) {
            body.write(CONTENT);
        }
        if (seal.sessionKeys().length > 0) {
            Files.write(
                    repository.backup().resolve(artifact(format) + Encryption.SESSION_KEYS_SUFFIX), seal.sessionKeys());
        }
        Files.write(repository.backup().resolve(MANIFEST), CONTENT);
        Files.write(repository.backup().resolve(SIGNATURE), Keys.UNLOCKED.sign(CONTENT));
        Files.writeString(repository.backup().resolve(HMAC), seal.hmac().orElse(""));
        return repository;
    }

    Path backup() {
        return root.resolve("full/full_2025-01-01T02-00-00-000Z");
    }

    /** A name that a shell would fall for. */
    static String artifact(Encryption format) {
        return "database $(dump)'s.zst" + format.suffix();
    }

    static String openCommand(Encryption format) {
        return format.openCommand(artifact(format), "../../keys", Keys.RING.fingerprint());
    }
}
