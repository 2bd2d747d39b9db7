package io.bactrian.crypto;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/** What {@code openssl enc -aes-256-cbc -pbkdf2} derives from passphrase and salt, and the HMAC key derived from that. */
record CbcKeys(SecretKeySpec aes, IvParameterSpec iv, SecretKeySpec hmac) {
    private static final int KEY_LENGTH = 32;
    private static final int IV_LENGTH = 16;
    private static final String HMAC_SHA256 = "HmacSHA256";

    /** @param salt the 8 bytes after {@code Salted__} */
    static CbcKeys derive(Passphrase passphrase, byte[] salt) throws GeneralSecurityException {
        PBEKeySpec cost = new PBEKeySpec(
                passphrase.characters(), salt, Aes256Cbc.ITERATIONS, (KEY_LENGTH + IV_LENGTH) * Byte.SIZE);
        byte[] derived = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                .generateSecret(cost)
                .getEncoded();
        byte[] key = Arrays.copyOf(derived, KEY_LENGTH);
        Mac labelled = mac(new SecretKeySpec(key, HMAC_SHA256));
        byte[] hmacKey = labelled.doFinal(Aes256Cbc.HMAC_LABEL.getBytes(StandardCharsets.US_ASCII));
        return new CbcKeys(
                new SecretKeySpec(key, "AES"),
                new IvParameterSpec(derived, KEY_LENGTH, IV_LENGTH),
                new SecretKeySpec(hmacKey, HMAC_SHA256));
    }

    Cipher cipher(int mode) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/CBC/PKCS5Padding");
        cipher.init(mode, aes, iv);
        return cipher;
    }

    Mac mac() throws GeneralSecurityException {
        return mac(hmac);
    }

    private static Mac mac(SecretKeySpec key) throws GeneralSecurityException {
        Mac mac = Mac.getInstance(HMAC_SHA256);
        mac.init(key);
        return mac;
    }

    @Override
    public String toString() {
        return "CbcKeys[hidden]";
    }
}
