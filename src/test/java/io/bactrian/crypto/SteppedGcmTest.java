package io.bactrian.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SteppedGcmTest {
    private static final byte[] AAD = Keys.content(13);

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 15, 16, 17, 2047, 2048, 2049, 4096, 100_001})
    void it_is_the_gcm_of_the_jdk(int length) throws GeneralSecurityException {
        byte[] plain = Keys.content(length);
        byte[] encrypted = jdk(Cipher.ENCRYPT_MODE).doFinal(plain);

        assertThat(stepped(Cipher.ENCRYPT_MODE).doFinal(plain)).isEqualTo(encrypted);
        assertThat(stepped(Cipher.DECRYPT_MODE).doFinal(encrypted)).isEqualTo(plain);
    }

    @Test
    void a_change_anywhere_is_refused() throws GeneralSecurityException {
        byte[] encrypted = stepped(Cipher.ENCRYPT_MODE).doFinal(Keys.content(5000));
        for (int position = 0; position < encrypted.length; position += 7) {
            byte[] changed = encrypted.clone();
            changed[position] ^= 1;
            assertRefused(changed);
        }
        assertRefused(Arrays.copyOf(encrypted, encrypted.length - 1));
        assertRefused(Arrays.copyOf(encrypted, 15));
        assertRefused(new byte[0]);
    }

    @Test
    void other_associated_data_is_refused() throws GeneralSecurityException {
        byte[] encrypted = stepped(Cipher.ENCRYPT_MODE).doFinal(Keys.content(100));
        Cipher cipher = stepped(Cipher.DECRYPT_MODE);
        cipher.updateAAD(new byte[1]);

        assertThatExceptionOfType(AEADBadTagException.class).isThrownBy(() -> cipher.doFinal(encrypted));
    }

    private static void assertRefused(byte[] changed) {
        assertThatExceptionOfType(AEADBadTagException.class)
                .isThrownBy(() -> stepped(Cipher.DECRYPT_MODE).doFinal(changed));
    }

    private static Cipher stepped(int mode) throws GeneralSecurityException {
        return initialised(Cipher.getInstance("AES/GCM/NoPadding", new FastCiphers(Optional.empty())), mode);
    }

    private static Cipher jdk(int mode) throws GeneralSecurityException {
        return initialised(Cipher.getInstance("AES/GCM/NoPadding", "SunJCE"), mode);
    }

    private static Cipher initialised(Cipher cipher, int mode) throws GeneralSecurityException {
        cipher.init(mode, new SecretKeySpec(Keys.content(32), "AES"), new GCMParameterSpec(128, Keys.content(12)));
        cipher.updateAAD(AAD);
        return cipher;
    }
}
