package io.bactrian.crypto;

import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.bouncycastle.bcpg.AEADAlgorithmTags;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.bcpg.PublicKeyPacket;
import org.bouncycastle.bcpg.SymmetricKeyAlgorithmTags;
import org.bouncycastle.bcpg.sig.Features;
import org.bouncycastle.bcpg.sig.KeyFlags;
import org.bouncycastle.bcpg.sig.PreferredAEADCiphersuites;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPKeyPair;
import org.bouncycastle.openpgp.PGPKeyRingGenerator;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPSecretKey;
import org.bouncycastle.openpgp.PGPSecretKeyRing;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureSubpacketGenerator;
import org.bouncycastle.openpgp.operator.PGPKeyPairGenerator;
import org.bouncycastle.openpgp.operator.bc.BcPGPContentSignerBuilder;
import org.bouncycastle.openpgp.operator.bc.BcPGPDigestCalculatorProvider;
import org.bouncycastle.openpgp.operator.bc.BcPGPKeyPairGeneratorProvider;

/**
 * A fresh repository key: a version 4 certificate with an Ed25519 primary key that certifies and signs and a Curve25519 subkey
 * that encrypts storage, both in the encodings that GnuPG knows (EdDSALegacy, ECDH). It never expires: a backup has to open
 * after years.
 */
record NewKeys(Certificate certificate, List<PGPKeyPair> pairs) {

    static NewKeys generate(Instant created) throws IOException, PGPException {
        Date date = Date.from(created.truncatedTo(ChronoUnit.SECONDS));
        PGPKeyPairGenerator generator = new BcPGPKeyPairGeneratorProvider().get(PublicKeyPacket.VERSION_4, date);
        PGPKeyPair primary = generator.generateLegacyEd25519KeyPair();
        PGPKeyPair encryption = generator.generateLegacyX25519KeyPair();

        PGPKeyRingGenerator ring = new PGPKeyRingGenerator(
                PGPSignature.POSITIVE_CERTIFICATION,
                primary,
                "Bactrian repository " + created.atZone(ZoneOffset.UTC).toLocalDate(),
                new BcPGPDigestCalculatorProvider().get(HashAlgorithmTags.SHA1),
                abilities(primary.getPublicKey(), date).generate(),
                null,
                new BcPGPContentSignerBuilder(primary.getPublicKey().getAlgorithm(), HashAlgorithmTags.SHA512),
                null);
        ring.addSubKey(
                encryption,
                use(primary.getPublicKey(), date, KeyFlags.ENCRYPT_STORAGE | KeyFlags.ENCRYPT_COMMS)
                        .generate(),
                null);
        PGPSecretKeyRing keys = ring.generateSecretKeyRing();

        List<PGPKeyPair> pairs = new ArrayList<>();
        for (PGPSecretKey key : keys) {
            pairs.add(key.extractKeyPair(null));
        }
        return new NewKeys(Certificate.parse(keys.toCertificate().getEncoded()), pairs);
    }

    private static PGPSignatureSubpacketGenerator abilities(PGPPublicKey primary, Date date) {
        PGPSignatureSubpacketGenerator abilities = use(primary, date, KeyFlags.CERTIFY_OTHER | KeyFlags.SIGN_DATA);
        abilities.setPrimaryUserID(false, true);
        abilities.setPreferredHashAlgorithms(false, new int[] {HashAlgorithmTags.SHA512, HashAlgorithmTags.SHA256});
        abilities.setPreferredSymmetricAlgorithms(false, new int[] {SymmetricKeyAlgorithmTags.AES_256});
        abilities.setPreferredAEADCiphersuites(PreferredAEADCiphersuites.builder(false)
                .addCombination(SymmetricKeyAlgorithmTags.AES_256, AEADAlgorithmTags.GCM)
                .addCombination(SymmetricKeyAlgorithmTags.AES_256, AEADAlgorithmTags.OCB));
        abilities.setFeature(false, (byte) (Features.FEATURE_MODIFICATION_DETECTION | Features.FEATURE_SEIPD_V2));
        return abilities;
    }

    private static PGPSignatureSubpacketGenerator use(PGPPublicKey issuer, Date date, int flags) {
        PGPSignatureSubpacketGenerator use = new PGPSignatureSubpacketGenerator();
        use.setSignatureCreationTime(true, date);
        use.setIssuerFingerprint(false, issuer);
        use.setKeyFlags(true, flags);
        return use;
    }
}
