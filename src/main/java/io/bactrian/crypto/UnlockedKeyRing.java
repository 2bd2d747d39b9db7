package io.bactrian.crypto;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.io.IOException;
import java.io.InputStream;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPKeyPair;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureGenerator;
import org.bouncycastle.openpgp.PGPSignatureSubpacketGenerator;
import org.bouncycastle.openpgp.operator.bc.BcPGPContentSignerBuilder;

/** The repository's OpenPGP key, ready to sign and to decrypt. */
public final class UnlockedKeyRing {
    private final Certificate certificate;
    private final LockedKeys keys;

    UnlockedKeyRing(Certificate certificate, LockedKeys keys) {
        this.certificate = certificate;
        this.keys = keys;
    }

    public Certificate certificate() {
        return certificate;
    }

    /** A detached, armored signature by the primary key (EdDSA with SHA-512), as {@code gpg --verify} and {@code sq verify} take it. */
    public byte[] sign(byte[] content) {
        PGPKeyPair pair = keys.primary();
        PGPPublicKey key = pair.getPublicKey();
        try {
            PGPSignatureGenerator generator = new PGPSignatureGenerator(
                    new BcPGPContentSignerBuilder(key.getAlgorithm(), HashAlgorithmTags.SHA512), key);
            generator.init(PGPSignature.BINARY_DOCUMENT, pair.getPrivateKey());
            PGPSignatureSubpacketGenerator issuer = new PGPSignatureSubpacketGenerator();
            issuer.setIssuerFingerprint(false, key);
            generator.setHashedSubpackets(issuer.generate());
            generator.update(content);
            return Armor.wrap(generator.generate().getEncoded());
        } catch (IOException | PGPException e) {
            throw new Failure(
                    ExitCode.FAILED,
                    "key " + certificate.fingerprint() + " cannot sign: " + e.getMessage(),
                    "check that this Java offers SHA-512",
                    e);
        }
    }

    /** Opens the locks of the keys that decrypt, too, which {@link #open} does otherwise. */
    public void openAll() {
        keys.all();
    }

    /**
     * Decrypts an {@code openpgp} or {@code gpg} artifact while it is read. The end of the stream is reported only once everything was
     * authenticated; bytes read before may, in the {@code gpg} format, still turn out to be forged.
     *
     * @throws Failure of integrity, here or from a later read, if anything was changed, cut off or added
     */
    public InputStream open(byte[] sessionKeys, InputStream body) {
        return OpenPgpMessage.open(keys.all(), sessionKeys, body);
    }
}
