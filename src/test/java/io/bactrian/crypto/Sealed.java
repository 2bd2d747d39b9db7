package io.bactrian.crypto;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** An artifact as it is stored, in memory. */
record Sealed(Encryption format, byte[] sessionKeys, byte[] body, String hmac) {
    static Sealed of(Encryption format, byte[] content) throws IOException {
        return of(format, Keys.seal(format), content);
    }

    static Sealed of(Encryption format, Seal seal, byte[] content) throws IOException {
        ByteArrayOutputStream stored = new ByteArrayOutputStream();
        try (OutputStream body = seal.body(stored)) {
            body.write(content);
        }
        return new Sealed(
                format, seal.sessionKeys(), stored.toByteArray(), seal.hmac().orElse(""));
    }

    Sealed withBody(byte[] other) {
        return new Sealed(format, sessionKeys, other, hmac);
    }

    Sealed withSessionKeys(byte[] other) {
        return new Sealed(format, other, body, hmac);
    }

    InputStream stream() {
        InputStream stored = new ByteArrayInputStream(body);
        return format == Encryption.AES_256_CBC
                ? Aes256Cbc.open(Keys.PASSPHRASE, hmac, stored)
                : Keys.UNLOCKED.open(sessionKeys, stored);
    }

    byte[] open() throws IOException {
        try (InputStream content = stream()) {
            return content.readAllBytes();
        }
    }
}
