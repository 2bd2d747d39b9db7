package io.bactrian.crypto;

import java.io.IOException;
import java.io.InputStream;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.Mac;

/** Decrypts and authenticates; unlike {@code CipherInputStream} it lets no broken end pass for an end. */
final class CbcInputStream extends InputStream {
    private static final byte[] NOTHING = {};

    private final InputStream stored;
    private final Cipher cipher;
    private final Mac mac;
    private final String expectedMac;
    private final byte[] buffer = new byte[1 << 16];
    private byte[] plain = NOTHING;
    private int position;
    private boolean proven;

    CbcInputStream(InputStream stored, Cipher cipher, Mac mac, String expectedMac) {
        this.stored = stored;
        this.cipher = cipher;
        this.mac = mac;
        this.expectedMac = expectedMac;
    }

    @Override
    public int read() {
        byte[] single = new byte[1];
        return read(single, 0, 1) < 0 ? -1 : single[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) {
        if (length == 0) {
            return 0;
        }
        while (position == plain.length) {
            if (proven) {
                return -1;
            }
            refill();
        }
        int count = Math.min(length, plain.length - position);
        System.arraycopy(plain, position, bytes, offset, count);
        position += count;
        return count;
    }

    @Override
    public void close() throws IOException {
        stored.close();
    }

    private void refill() {
        try {
            int count = stored.read(buffer);
            if (count < 0) {
                Aes256Cbc.requireMatch(mac, expectedMac);
                plain = cipher.doFinal();
                proven = true;
            } else {
                mac.update(buffer, 0, count);
                byte[] decrypted = cipher.update(buffer, 0, count);
                plain = decrypted == null ? NOTHING : decrypted;
            }
            position = 0;
        } catch (IOException | GeneralSecurityException e) {
            throw Aes256Cbc.damaged(e);
        }
    }
}
