package io.bactrian.pipeline;

import io.bactrian.Failure;
import io.bactrian.config.Settings;
import io.bactrian.crypto.Encryption;
import io.bactrian.crypto.KeyRing;
import io.bactrian.crypto.Passphrase;
import io.bactrian.crypto.Seal;
import io.bactrian.crypto.UnlockedKeyRing;
import io.bactrian.repository.Layout;
import io.bactrian.repository.Manifest;
import io.bactrian.stream.Streams;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;

/** The repository's key ring and the passphrase that opens it, each looked up once and only when needed. */
final class Keys {
    private final Settings settings;
    private final Clock clock;
    private KeyRing ring;
    private CompletableFuture<UnlockedKeyRing> unlocked;

    Keys(Settings settings, Clock clock) {
        this.settings = settings;
        this.clock = clock;
    }

    /** Before a backup: makes the key ring of a new repository, and opens the one of an old one. */
    synchronized void prepare() throws IOException {
        Optional<Passphrase> passphrase = settings.passphrase();
        if (passphrase.isEmpty()) {
            if (ring().isPresent()) {
                throw Failure.precondition(
                        "this repository is encrypted, and no passphrase is configured",
                        "Set BACKUP_ENCRYPTION_KEY or BACKUP_ENCRYPTION_KEY_FILE.");
            }
            return;
        }
        forgetReplaced();
        KeyRing found = ring().orElse(null);
        if (found == null) {
            refuseToReplaceLostKeys();
            KeyRing.clearUnfinished(folder());
            found = KeyRing.generate(passphrase.get(), clock.instant());
            found.write(folder(), passphrase.get(), settings.encryption());
            ring = found;
        }
        unlockAhead(passphrase.get());
        if (settings.encryption() == Encryption.GPG) {
            found.write(folder(), passphrase.get(), Encryption.GPG);
        }
    }

    /** A scheduler that ran for weeks must not write with keys that the repository no longer has. */
    private void forgetReplaced() throws IOException {
        Optional<String> stored = KeyRing.read(folder()).map(KeyRing::fingerprint);
        if (ring != null && !stored.equals(Optional.of(ring.fingerprint()))) {
            ring = null;
            unlocked = null;
        }
    }

    private void refuseToReplaceLostKeys() throws IOException {
        Path full = settings.directory().resolve(Layout.FULL);
        if (!Files.isDirectory(full)) {
            return;
        }
        try (Stream<Path> backups = Files.list(full)) {
            if (backups.anyMatch(backup -> Files.exists(backup.resolve(Manifest.SIGNATURE_NAME)))) {
                throw missing();
            }
        }
    }

    private Failure missing() {
        return Failure.integrity(
                "the repository's keys are missing in " + folder(),
                "Bring the folder `keys` back from a copy of the repository.");
    }

    /**
     * While Camel starts: opens the key that there is, in a thread of its own. What is wrong with it shows when it is used.
     *
     * @param reading whether something will be decrypted
     */
    void openAhead(boolean reading) {
        CompletableFuture.runAsync(() -> {
            try {
                if (encrypting() && ring().isPresent()) {
                    CompletableFuture<UnlockedKeyRing> opened = unlockAhead(passphrase());
                    if (reading) {
                        opened.thenAccept(UnlockedKeyRing::openAll);
                    }
                }
            } catch (IOException | Failure e) {
                // told again, to whoever needs the key
            }
        });
    }

    private Path folder() {
        return settings.directory().resolve(Layout.KEYS);
    }

    /** The public part, where the repository has keys. */
    synchronized Optional<KeyRing> ring() throws IOException {
        if (ring == null) {
            ring = KeyRing.read(folder()).orElse(null);
        }
        return Optional.ofNullable(ring);
    }

    boolean encrypting() {
        return settings.passphrase().isPresent();
    }

    synchronized String fingerprint() {
        return ring == null ? "" : ring.fingerprint();
    }

    Passphrase passphrase() {
        return settings.passphrase()
                .orElseThrow(() -> Failure.precondition(
                        "this backup is encrypted, and no passphrase is configured",
                        "Set BACKUP_ENCRYPTION_KEY or BACKUP_ENCRYPTION_KEY_FILE."));
    }

    /** The opened secret key; costs some tenths of a second, by design. */
    UnlockedKeyRing unlocked() throws IOException {
        try {
            return unlockAhead(passphrase()).join();
        } catch (CompletionException e) {
            Streams.rethrow(e.getCause());
            throw e;
        }
    }

    /** In a thread of its own, while the server is asked for the first time. */
    private synchronized CompletableFuture<UnlockedKeyRing> unlockAhead(Passphrase passphrase) throws IOException {
        if (unlocked == null || unlocked.isCompletedExceptionally()) {
            KeyRing found = ring().orElseThrow(this::missing);
            unlocked = CompletableFuture.supplyAsync(() -> found.unlock(passphrase));
        }
        return unlocked;
    }

    /** A new seal for one artifact. */
    synchronized Seal seal() throws IOException {
        unlocked(); // a wrong passphrase must show here, not when the manifest is to be signed
        KeyRing to = ring().orElseThrow();
        return switch (settings.encryption()) {
            case OPENPGP -> Seal.openpgp(to, List.of());
            case GPG -> Seal.gpg(to, List.of());
            case AES_256_CBC -> Seal.aes256cbc(passphrase());
            case NONE ->
                throw Failure.usage(
                        "BACKUP_ENCRYPTION_FORMAT cannot be none", "Leave BACKUP_ENCRYPTION_KEY unset instead.");
        };
    }

    Encryption format() {
        return settings.encryption();
    }
}
