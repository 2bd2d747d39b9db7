package io.bactrian.crypto;

import java.security.SecureRandom;
import org.bouncycastle.bcpg.AEADAlgorithmTags;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.bcpg.S2K;
import org.bouncycastle.bcpg.SymmetricKeyAlgorithmTags;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.operator.PBESecretKeyEncryptor;
import org.bouncycastle.openpgp.operator.bc.BcAEADSecretKeyEncryptorBuilder;
import org.bouncycastle.openpgp.operator.jcajce.JcaPGPDigestCalculatorProviderBuilder;
import org.bouncycastle.openpgp.operator.jcajce.JcePBESecretKeyEncryptorBuilder;

/** How the passphrase locks a secret key. */
enum KeyLock {
    /**
     * RFC 9580: Argon2id with {@value #ARGON2_PASSES} passes over 2^{@value #ARGON2_MEMORY_EXPONENT} KiB (16 MiB) and one lane, then
     * AES-256 in OCB mode over the key, bound to its public part.
     */
    ARGON2 {
        @Override
        PBESecretKeyEncryptor encryptor(PGPPublicKey key, Passphrase passphrase) {
            S2K.Argon2Params cost = new S2K.Argon2Params(ARGON2_PASSES, 1, ARGON2_MEMORY_EXPONENT, new SecureRandom());
            return new BcAEADSecretKeyEncryptorBuilder(AEADAlgorithmTags.OCB, SymmetricKeyAlgorithmTags.AES_256, cost)
                    .build(passphrase.characters(), key.getPublicKeyPacket());
        }
    },

    /** RFC 4880, for GnuPG, which reads nothing stronger: iterated and salted SHA-256 over 65,011,712 bytes, AES-256-CFB. */
    ITERATED {
        @Override
        PBESecretKeyEncryptor encryptor(PGPPublicKey key, Passphrase passphrase) throws PGPException {
            FastCiphers ciphers = new FastCiphers();
            return new JcePBESecretKeyEncryptorBuilder(
                            SymmetricKeyAlgorithmTags.AES_256,
                            new JcaPGPDigestCalculatorProviderBuilder()
                                    .setProvider(ciphers)
                                    .build()
                                    .get(HashAlgorithmTags.SHA256),
                            LARGEST_COUNT)
                    .setProvider(ciphers)
                    .build(passphrase.characters());
        }
    };

    static final int ARGON2_PASSES = 10;
    static final int ARGON2_MEMORY_EXPONENT = 14;
    /** RFC 4880's coded count for 65,011,712 bytes. */
    private static final int LARGEST_COUNT = 0xff;

    abstract PBESecretKeyEncryptor encryptor(PGPPublicKey key, Passphrase passphrase) throws PGPException;
}
