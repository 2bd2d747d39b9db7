package io.bactrian.crypto;

import java.io.OutputStream;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Encrypts one artifact, once, with a key of its own. */
public interface Seal {
    /**
     * A stream that encrypts what is written to it into the next one. Closing it finishes the message and closes the next stream:
     * whoever gives up half way must throw the result away, for it would look whole.
     *
     * @throws IllegalStateException on a second call
     */
    OutputStream body(OutputStream next);

    /** After closing: the session key, encrypted to each recipient (OpenPGP PKESK packets); empty for {@code aes-256-cbc}. */
    byte[] sessionKeys();

    /** After closing: for {@code aes-256-cbc}, the HMAC-SHA256 of the stored bytes, lower-case hexadecimal. */
    Optional<String> hmac();

    /** Seals as {@link Encryption#OPENPGP} to the repository's key and further recipients. */
    static Seal openpgp(KeyRing keyRing, List<Certificate> further) {
        return new OpenPgpSeal(Encryption.OPENPGP, recipients(keyRing, further));
    }

    /** Seals as {@link Encryption#GPG} to the repository's key and further recipients. */
    static Seal gpg(KeyRing keyRing, List<Certificate> further) {
        return new OpenPgpSeal(Encryption.GPG, recipients(keyRing, further));
    }

    static Seal aes256cbc(Passphrase passphrase) {
        return new Aes256CbcSeal(passphrase);
    }

    private static List<Certificate> recipients(KeyRing keyRing, List<Certificate> further) {
        return Stream.concat(Stream.of(keyRing.certificate()), further.stream()).toList();
    }
}
