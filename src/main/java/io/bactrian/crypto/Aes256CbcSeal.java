package io.bactrian.crypto;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.CipherOutputStream;
import javax.crypto.Mac;

/** Writes the format that {@link Aes256Cbc} describes. */
final class Aes256CbcSeal implements Seal {
    private final Passphrase passphrase;
    private Mac mac;
    private Optional<String> hmac = Optional.empty();

    Aes256CbcSeal(Passphrase passphrase) {
        this.passphrase = passphrase;
    }

    @Override
    public OutputStream body(OutputStream next) {
        if (mac != null) {
            throw new IllegalStateException("a seal is used once");
        }
        byte[] salt = new byte[Aes256Cbc.SALT_LENGTH];
        new SecureRandom().nextBytes(salt);
        try {
            CbcKeys keys = CbcKeys.derive(passphrase, salt);
            mac = keys.mac();
            OutputStream stored = new Authenticated(next);
            stored.write(Aes256Cbc.MAGIC);
            stored.write(salt);
            return new CipherOutputStream(stored, keys.cipher(Cipher.ENCRYPT_MODE));
        } catch (IOException | GeneralSecurityException e) {
            throw new Failure(
                    ExitCode.FAILED,
                    "encryption cannot start: " + e.getMessage(),
                    "check the free space, and that this Java has AES-256",
                    e);
        }
    }

    @Override
    public byte[] sessionKeys() {
        return new byte[0];
    }

    @Override
    public Optional<String> hmac() {
        return hmac;
    }

    /** Takes the HMAC of the stored bytes as they pass. */
    private final class Authenticated extends FilterOutputStream {
        private boolean closed;

        Authenticated(OutputStream next) {
            super(next);
        }

        @Override
        public void write(int single) throws IOException {
            write(new byte[] {(byte) single});
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            mac.update(bytes, offset, length);
            out.write(bytes, offset, length);
        }

        @Override
        public void close() throws IOException {
            if (!closed) {
                closed = true;
                hmac = Optional.of(HexFormat.of().formatHex(mac.doFinal()));
                out.close();
            }
        }
    }
}
