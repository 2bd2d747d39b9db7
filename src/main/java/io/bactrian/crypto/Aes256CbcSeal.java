package io.bactrian.crypto;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.io.IOException;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.Mac;

/** Writes the format that {@link Aes256Cbc} describes. */
final class Aes256CbcSeal implements Seal {
    private final Passphrase passphrase;
    private Encrypting body;

    Aes256CbcSeal(Passphrase passphrase) {
        this.passphrase = passphrase;
    }

    @Override
    public OutputStream body(OutputStream next) {
        if (body != null) {
            throw new IllegalStateException("a seal is used once");
        }
        byte[] salt = new byte[Aes256Cbc.SALT_LENGTH];
        new SecureRandom().nextBytes(salt);
        try {
            CbcKeys keys = CbcKeys.derive(passphrase, salt);
            body = new Encrypting(keys.cipher(Cipher.ENCRYPT_MODE), keys.mac(), next);
            body.store(Aes256Cbc.MAGIC);
            body.store(salt);
            return body;
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
        return Optional.ofNullable(body).map(stream -> stream.hmac);
    }

    /** Encrypts, then takes the HMAC of what is stored; unlike {@code CipherOutputStream} it hides no error of the next stream. */
    private static final class Encrypting extends OutputStream {
        private final Cipher cipher;
        private final Mac mac;
        private final OutputStream next;
        private boolean closed;
        private String hmac;

        Encrypting(Cipher cipher, Mac mac, OutputStream next) {
            this.cipher = cipher;
            this.mac = mac;
            this.next = next;
        }

        @Override
        public void write(int single) throws IOException {
            write(new byte[] {(byte) single});
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            byte[] encrypted = cipher.update(bytes, offset, length);
            if (encrypted != null) {
                store(encrypted);
            }
        }

        @Override
        public void close() throws IOException {
            if (closed) {
                return;
            }
            closed = true;
            try (next) {
                store(cipher.doFinal());
                hmac = HexFormat.of().formatHex(mac.doFinal());
            } catch (GeneralSecurityException e) {
                throw new IOException(e);
            }
        }

        void store(byte[] bytes) throws IOException {
            mac.update(bytes);
            next.write(bytes);
        }
    }
}
