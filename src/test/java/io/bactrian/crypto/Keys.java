package io.bactrian.crypto;

import java.time.Instant;
import java.util.List;
import java.util.Random;

/** A repository key of the tests, made once: locking and unlocking are slow on purpose. */
final class Keys {
    static final String TEXT = "correct horse; battery $(staple) æøå";
    static final Passphrase PASSPHRASE = Passphrase.of(TEXT);
    static final KeyRing RING = KeyRing.generate(PASSPHRASE, Instant.parse("2025-01-01T02:00:00Z"));
    static final UnlockedKeyRing UNLOCKED = RING.unlock(PASSPHRASE);

    private Keys() {}

    static Seal seal(Encryption format) {
        return switch (format) {
            case OPENPGP -> Seal.openpgp(RING, List.of());
            case GPG -> Seal.gpg(RING, List.of());
            case AES_256_CBC -> Seal.aes256cbc(PASSPHRASE);
            case NONE -> throw new IllegalArgumentException("nothing seals");
        };
    }

    /** The same for the same length, and not compressible. */
    static byte[] content(int length) {
        byte[] content = new byte[length];
        new Random(length).nextBytes(content);
        return content;
    }
}
