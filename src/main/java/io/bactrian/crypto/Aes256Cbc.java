package io.bactrian.crypto;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.Mac;

/**
 * The format of {@code openssl enc -aes-256-cbc -pbkdf2 -iter 200000 -md sha256}: {@code Salted__}, 8 bytes of salt, then
 * AES-256-CBC with PKCS#7 padding under key and IV from PBKDF2-HMAC-SHA256. CBC does not notice forgery, so an HMAC-SHA256 over all stored
 * bytes, header included, is kept in the manifest. Its key is HMAC-SHA256 of {@value #HMAC_LABEL} under the AES key; by hand:
 *
 * <pre>
 * salt=$(head -c 16 FILE | tail -c 8 | od -An -tx1 | tr -d ' \n')
 * key=$(openssl enc -aes-256-cbc -pbkdf2 -iter 200000 -md sha256 -pass env:BACKUP_ENCRYPTION_KEY -S $salt -P | sed -n 's/^key=//p')
 * hmackey=$(printf 'bactrian aes-256-cbc hmac' | openssl dgst -sha256 -mac HMAC -macopt hexkey:$key | sed 's/.*= //')
 * openssl dgst -sha256 -mac HMAC -macopt hexkey:$hmackey < FILE
 * </pre>
 */
public final class Aes256Cbc {
    /** Rounds of PBKDF2; openssl's own default is 10,000. */
    static final int ITERATIONS = 200_000;

    static final String HMAC_LABEL = "bactrian aes-256-cbc hmac";
    static final byte[] MAGIC = "Salted__".getBytes(StandardCharsets.US_ASCII);
    static final int SALT_LENGTH = 8;
    private static final int BUFFER = 1 << 16;

    private Aes256Cbc() {}

    /**
     * Decrypts while it is read. The HMAC is checked as the stored bytes pass by; the last block and the end of the stream are
     * handed out only once it matched. Check the file's digest first: bytes read before may still turn out to be forged.
     *
     * @param hmac of the stored bytes, hexadecimal, from the manifest
     * @throws Failure of integrity, here or from a later read, if anything was changed, cut off or added, or for a wrong passphrase
     */
    public static InputStream open(Passphrase passphrase, String hmac, InputStream body) {
        try {
            byte[] header = header(body);
            CbcKeys keys = CbcKeys.derive(passphrase, salt(header));
            Mac mac = keys.mac();
            mac.update(header);
            return new CbcInputStream(body, keys.cipher(Cipher.DECRYPT_MODE), mac, hmac);
        } catch (IOException | GeneralSecurityException e) {
            throw damaged(e);
        }
    }

    /** Reads the stored bytes to the end. @throws Failure of integrity if they do not match their HMAC */
    public static void verify(Passphrase passphrase, String hmac, InputStream body) {
        try {
            byte[] header = header(body);
            Mac mac = CbcKeys.derive(passphrase, salt(header)).mac();
            mac.update(header);
            byte[] buffer = new byte[BUFFER];
            for (int count = body.read(buffer); count >= 0; count = body.read(buffer)) {
                mac.update(buffer, 0, count);
            }
            requireMatch(mac, hmac);
        } catch (IOException | GeneralSecurityException e) {
            throw damaged(e);
        }
    }

    static void requireMatch(Mac mac, String expected) {
        byte[] actual = HexFormat.of().formatHex(mac.doFinal()).getBytes(StandardCharsets.US_ASCII);
        if (!MessageDigest.isEqual(actual, expected.getBytes(StandardCharsets.US_ASCII))) {
            throw damaged(new GeneralSecurityException("the HMAC does not match"));
        }
    }

    static Failure damaged(Exception cause) {
        return new Failure(
                ExitCode.INTEGRITY,
                "the encrypted data is damaged, or BACKUP_ENCRYPTION_KEY is not its passphrase: " + cause.getMessage(),
                "check the passphrase; if it is the right one, use another copy of this backup",
                cause);
    }

    private static byte[] header(InputStream body) throws IOException, GeneralSecurityException {
        byte[] header = body.readNBytes(MAGIC.length + SALT_LENGTH);
        if (header.length < MAGIC.length + SALT_LENGTH || !Arrays.equals(Arrays.copyOf(header, MAGIC.length), MAGIC)) {
            throw new GeneralSecurityException("it does not begin like a file of openssl enc");
        }
        return header;
    }

    private static byte[] salt(byte[] header) {
        return Arrays.copyOfRange(header, MAGIC.length, header.length);
    }
}
