package io.bactrian.crypto;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPKeyPair;
import org.bouncycastle.openpgp.PGPSecretKey;
import org.bouncycastle.openpgp.PGPSecretKeyRing;
import org.bouncycastle.openpgp.operator.PGPDigestCalculator;
import org.bouncycastle.openpgp.operator.bc.BcPGPDigestCalculatorProvider;

/**
 * The repository's OpenPGP key while it is locked: its certificate, which encrypts and verifies, and the secret keys as the
 * passphrase protects them. A version 4 certificate, for GnuPG and RFC 9580 programs alike.
 */
public final class KeyRing {
    private final Certificate certificate;
    private final Optional<byte[]> lockedSecret;

    private KeyRing(Certificate certificate, Optional<byte[]> lockedSecret) {
        this.certificate = certificate;
        this.lockedSecret = lockedSecret;
    }

    public static KeyRing generate(Passphrase passphrase, Instant created) {
        try {
            NewKeys keys = NewKeys.generate(created);
            return new KeyRing(keys.certificate(), Optional.of(lock(keys.pairs(), KeyLock.ARGON2, passphrase)));
        } catch (IOException | PGPException e) {
            throw new Failure(
                    ExitCode.FAILED,
                    "a new repository key cannot be made: " + e.getMessage(),
                    "check that this Java offers AES-256 and SHA-512",
                    e);
        }
    }

    /**
     * The ring kept in a repository's {@code keys/} folder, the newest if there are several; empty if there is none. Where secret keys are
     * kept elsewhere the ring still encrypts and verifies, but does not {@link #unlock}.
     *
     * @throws Failure of integrity if a file there is damaged
     */
    public static Optional<KeyRing> read(Path keysDirectory) {
        KeyFiles files = new KeyFiles(keysDirectory);
        return files.fingerprints().stream()
                .map(fingerprint -> read(files, fingerprint))
                .max(Comparator.comparing((KeyRing ring) -> ring.certificate.created())
                        .thenComparing(KeyRing::fingerprint));
    }

    /**
     * Deletes what is left of a key that was never finished; a secret key without its certificate counts as that. Only for a repository
     * without signed backups: in any other, files are missing.
     */
    public static void clearUnfinished(Path keysDirectory) {
        new KeyFiles(keysDirectory).clearUnfinished();
    }

    private static KeyRing read(KeyFiles files, String fingerprint) {
        String name = KeyFiles.publicName(fingerprint);
        Certificate certificate = Certificate.parse(files.read(name).orElseThrow());
        if (!certificate.fingerprint().equals(fingerprint)) {
            throw Failure.integrity(
                    name + " holds another key, " + certificate.fingerprint(),
                    "restore the keys folder from another copy of the repository");
        }
        return new KeyRing(certificate, files.read(KeyFiles.secretName(fingerprint)));
    }

    /**
     * Writes what is not yet there: the locked secret key, its copy for GnuPG if the format asks for one, and last the certificate.
     *
     * @throws Failure of precondition if a copy for GnuPG is needed and the passphrase does not open the key
     */
    public void write(Path keysDirectory, Passphrase passphrase, Encryption format) {
        KeyFiles files = new KeyFiles(keysDirectory);
        try {
            lockedSecret.ifPresent(secret -> files.add(KeyFiles.secretName(fingerprint()), secret));
            if (format == Encryption.GPG && !files.has(KeyFiles.gpgSecretName(fingerprint()))) {
                byte[] forGnuPg = lock(keys(passphrase).all(), KeyLock.ITERATED, passphrase);
                files.add(KeyFiles.gpgSecretName(fingerprint()), forGnuPg);
            }
            files.add(KeyFiles.publicName(fingerprint()), certificate.armored());
        } catch (IOException | PGPException e) {
            throw new Failure(
                    ExitCode.FAILED,
                    "the key " + fingerprint() + " cannot be locked: " + e.getMessage(),
                    "check that this Java offers AES-256 and SHA-256",
                    e);
        }
    }

    /** The primary key's fingerprint, lower-case hexadecimal. */
    public String fingerprint() {
        return certificate.fingerprint();
    }

    public Certificate certificate() {
        return certificate;
    }

    /** @throws Failure of integrity unless the detached signature is this ring's over this content */
    public void verify(byte[] content, byte[] signature) {
        certificate.verify(content, signature);
    }

    /**
     * Takes some tenths of a second: that is what each guess costs, too.
     *
     * @throws Failure of precondition for a wrong passphrase or if the secret key is not in the folder; of integrity if the
     *     secret key is not the certificate's
     */
    public UnlockedKeyRing unlock(Passphrase passphrase) {
        LockedKeys keys = keys(passphrase);
        keys.primary();
        UnlockedKeyRing unlocked = new UnlockedKeyRing(certificate, keys);
        // or somebody who put a certificate of their own beside our secret key could sign in our place
        byte[] challenge = fingerprint().getBytes(StandardCharsets.US_ASCII);
        try {
            certificate.verify(challenge, unlocked.sign(challenge));
        } catch (Failure e) {
            throw keys.notTheCertificates(e);
        }
        return unlocked;
    }

    private LockedKeys keys(Passphrase passphrase) {
        byte[] secret = lockedSecret.orElseThrow(() -> Failure.precondition(
                "the secret key " + fingerprint() + " is not in this repository",
                "copy " + KeyFiles.secretName(fingerprint()) + " into its keys folder"));
        return new LockedKeys(fingerprint(), secret, passphrase);
    }

    private static byte[] lock(List<PGPKeyPair> keys, KeyLock lock, Passphrase passphrase)
            throws IOException, PGPException {
        PGPDigestCalculator checksum = new BcPGPDigestCalculatorProvider().get(HashAlgorithmTags.SHA1);
        List<PGPSecretKey> locked = new ArrayList<>();
        for (PGPKeyPair key : keys) {
            locked.add(new PGPSecretKey(
                    key.getPrivateKey(),
                    key.getPublicKey(),
                    checksum,
                    locked.isEmpty(),
                    lock.encryptor(key.getPublicKey(), passphrase)));
        }
        return Armor.wrap(new PGPSecretKeyRing(locked).getEncoded());
    }
}
