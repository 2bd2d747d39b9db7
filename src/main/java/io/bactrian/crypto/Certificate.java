package io.bactrian.crypto;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.io.IOException;
import java.time.Instant;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureList;
import org.bouncycastle.openpgp.api.OpenPGPCertificate;
import org.bouncycastle.openpgp.api.OpenPGPKeyReader;
import org.bouncycastle.openpgp.bc.BcPGPObjectFactory;
import org.bouncycastle.openpgp.operator.bc.BcPGPContentVerifierBuilderProvider;

/** A public OpenPGP certificate: whom an artifact is sealed to, and who signed a manifest. */
public final class Certificate {
    private static final String SIGNATURE_HINT = "the content or its signature was changed; use another copy";
    private static final Set<Integer> STRONG_HASHES =
            Set.of(HashAlgorithmTags.SHA256, HashAlgorithmTags.SHA384, HashAlgorithmTags.SHA512);

    private final OpenPGPCertificate certificate;

    private Certificate(OpenPGPCertificate certificate) {
        this.certificate = certificate;
    }

    /**
     * @param encoded armored or binary
     * @throws Failure of integrity if the bytes hold no certificate
     */
    public static Certificate parse(byte[] encoded) {
        try {
            return new Certificate(new OpenPGPKeyReader().parseCertificate(encoded));
        } catch (IOException | RuntimeException e) {
            throw new Failure(
                    ExitCode.INTEGRITY,
                    "no OpenPGP certificate can be read: " + e.getMessage(),
                    "give a public key as gpg --export --armor or sq key export writes it",
                    e);
        }
    }

    /** The primary key's fingerprint, lower-case hexadecimal. */
    public String fingerprint() {
        return HexFormat.of().formatHex(certificate.getFingerprint());
    }

    public Instant created() {
        return certificate.getPrimaryKey().getCreationTime().toInstant();
    }

    /** The certificate as a text that any OpenPGP program imports. */
    byte[] armored() throws IOException {
        return Armor.wrap(certificate.getEncoded());
    }

    /** Keys that may encrypt storage now: bound by the primary key's own signature, neither expired nor revoked. */
    List<PGPPublicKey> encryptionKeys() {
        // a clock that was set back must not stop backups
        Instant now = Instant.now();
        Instant evaluated = now.isBefore(created()) ? created() : now;
        List<PGPPublicKey> keys = certificate.getEncryptionKeys(Date.from(evaluated)).stream()
                .map(OpenPGPCertificate.OpenPGPComponentKey::getPGPPublicKey)
                .toList();
        if (keys.isEmpty()) {
            throw Failure.precondition(
                    "the certificate " + fingerprint() + " has no valid encryption key",
                    "it may have expired or been revoked: renew it, or name another one");
        }
        return keys;
    }

    /** @throws Failure of integrity unless the detached signature, armored or binary, is the primary key's over this content */
    public void verify(byte[] content, byte[] signature) {
        boolean valid;
        try {
            valid = isSignedBy(certificate.getPrimaryKey().getPGPPublicKey(), content, signature);
        } catch (IOException | PGPException | RuntimeException e) {
            throw new Failure(ExitCode.INTEGRITY, "the signature cannot be read: " + e.getMessage(), SIGNATURE_HINT, e);
        }
        if (!valid) {
            throw Failure.integrity(
                    "the signature is not that of key " + fingerprint() + " over this content", SIGNATURE_HINT);
        }
    }

    private static boolean isSignedBy(PGPPublicKey key, byte[] content, byte[] encoded)
            throws IOException, PGPException {
        BcPGPObjectFactory packets = new BcPGPObjectFactory(Armor.unwrap(encoded));
        if (!(packets.nextObject() instanceof PGPSignatureList signatures) || signatures.size() != 1) {
            return false;
        }
        PGPSignature signature = signatures.get(0);
        if (packets.nextObject() != null
                || signature.getSignatureType() != PGPSignature.BINARY_DOCUMENT
                || !STRONG_HASHES.contains(signature.getHashAlgorithm())
                || signature.getKeyAlgorithm() != key.getAlgorithm()) {
            return false;
        }
        signature.init(new BcPGPContentVerifierBuilderProvider(), key);
        signature.update(content);
        return signature.verify();
    }
}
