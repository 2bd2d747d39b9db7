package io.bactrian.crypto;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.bcpg.SecretKeyPacket;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPKeyPair;
import org.bouncycastle.openpgp.PGPSecretKey;
import org.bouncycastle.openpgp.PGPSecretKeyRing;
import org.bouncycastle.openpgp.operator.PBESecretKeyDecryptor;
import org.bouncycastle.openpgp.operator.bc.BcKeyFingerprintCalculator;
import org.bouncycastle.openpgp.operator.bc.BcPBESecretKeyDecryptorBuilder;
import org.bouncycastle.openpgp.operator.bc.BcPGPDigestCalculatorProvider;

/**
 * The secret keys of a ring, each in a lock of its own that the passphrase opens. An open lock costs some tenths of a second, by
 * design, so each is opened when its key is needed: whoever only writes backups signs, and never decrypts.
 */
final class LockedKeys {
    private final String fingerprint;
    private final List<PGPSecretKey> locked = new ArrayList<>();
    private final PBESecretKeyDecryptor lock;
    private final List<PGPKeyPair> opened = new ArrayList<>();

    /** @throws Failure of integrity if one of them lies open; of precondition if the file is no key ring */
    LockedKeys(String fingerprint, byte[] secret, Passphrase passphrase) {
        this.fingerprint = fingerprint;
        lock = new BcPBESecretKeyDecryptorBuilder(new BcPGPDigestCalculatorProvider()).build(passphrase.characters());
        try {
            for (PGPSecretKey key : new PGPSecretKeyRing(Armor.unwrap(secret), new BcKeyFingerprintCalculator())) {
                requireLock(key);
                locked.add(key);
            }
        } catch (Failure e) {
            throw e;
        } catch (IOException | PGPException | RuntimeException e) {
            throw wrongPassphrase(e);
        }
    }

    /** The one that signs. */
    PGPKeyPair primary() {
        return first(1).get(0);
    }

    List<PGPKeyPair> all() {
        return first(locked.size());
    }

    private synchronized List<PGPKeyPair> first(int count) {
        try {
            while (opened.size() < count) {
                opened.add(locked.get(opened.size()).extractKeyPair(lock));
            }
        } catch (PGPException | RuntimeException e) {
            throw wrongPassphrase(e);
        }
        return List.copyOf(opened);
    }

    /** One that lies open, or hardly locked, any passphrase would open: nobody but a forger writes it. */
    private void requireLock(PGPSecretKey key) {
        int usage = key.getS2KUsage();
        if (usage != SecretKeyPacket.USAGE_SHA1 && usage != SecretKeyPacket.USAGE_AEAD) {
            throw notTheCertificates(null);
        }
    }

    Failure notTheCertificates(Exception cause) {
        return new Failure(
                ExitCode.INTEGRITY,
                KeyFiles.secretName(fingerprint) + " is not the secret key of the certificate beside it",
                "somebody exchanged one of them: restore the keys folder from another copy of the repository",
                cause);
    }

    private Failure wrongPassphrase(Exception cause) {
        return new Failure(
                ExitCode.PRECONDITION,
                "the passphrase does not open key " + fingerprint,
                "set BACKUP_ENCRYPTION_KEY to the passphrase with which the repository was made; if it is that one, "
                        + KeyFiles.secretName(fingerprint) + " is damaged: use another copy",
                cause);
    }
}
