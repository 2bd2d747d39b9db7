package io.bactrian.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Native ciphers and the JDK's must be the same ciphers: what one machine wrote another one reads. */
class FastCiphersTest {
    private static final int CHUNK = 256 * 1024;
    private static final FastCiphers NATIVE = new FastCiphers();
    private static final FastCiphers JDK = new FastCiphers(Optional.empty());

    @BeforeEach
    void where_there_are_native_ciphers() {
        Assumptions.assumeTrue(NativeCrypto.provider().isPresent(), "no native ciphers for this machine");
    }

    @Test
    void each_opens_what_the_other_sealed() throws GeneralSecurityException {
        byte[] plain = Keys.content(CHUNK);
        byte[] sealed = gcm(NATIVE, Cipher.ENCRYPT_MODE).doFinal(plain);

        assertThat(sealed).isEqualTo(gcm(JDK, Cipher.ENCRYPT_MODE).doFinal(plain));
        assertThat(gcm(NATIVE, Cipher.DECRYPT_MODE).doFinal(sealed)).isEqualTo(plain);
        assertThat(gcm(JDK, Cipher.DECRYPT_MODE).doFinal(sealed)).isEqualTo(plain);
    }

    @Test
    void a_changed_byte_is_refused_and_nothing_handed_out() throws GeneralSecurityException {
        byte[] sealed = gcm(NATIVE, Cipher.ENCRYPT_MODE).doFinal(Keys.content(CHUNK));
        for (int position : new int[] {0, CHUNK / 2, CHUNK, sealed.length - 1}) {
            byte[] changed = sealed.clone();
            changed[position] ^= 1;
            byte[] out = new byte[sealed.length];
            Cipher cipher = gcm(NATIVE, Cipher.DECRYPT_MODE);

            assertThatExceptionOfType(AEADBadTagException.class)
                    .isThrownBy(() -> cipher.doFinal(changed, 0, changed.length, out, 0));
            assertThat(out).containsOnly(0);
        }
    }

    @Test
    void the_digest_is_sha_256() {
        byte[] digest = NativeCrypto.sha256().digest("abc".getBytes(StandardCharsets.US_ASCII));

        assertThat(HexFormat.of().formatHex(digest))
                .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    private static Cipher gcm(FastCiphers ciphers, int mode) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", ciphers);
        cipher.init(mode, new SecretKeySpec(Keys.content(32), "AES"), new GCMParameterSpec(128, Keys.content(12)));
        cipher.updateAAD(Keys.content(13));
        return cipher;
    }
}
