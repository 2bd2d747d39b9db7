package io.bactrian.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.Security;
import java.util.HexFormat;
import javax.crypto.Cipher;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NativeDigestsTest {
    @BeforeEach
    void prefer() {
        assumeThat(NativeCrypto.provider()).isPresent();
        NativeDigests.prefer();
    }

    @AfterEach
    void no_longer() {
        Security.removeProvider("NativeDigests");
    }

    /** The digest of "abc" is in FIPS 180-4's examples. */
    @Test
    void whoever_asks_java_for_sha_256_gets_the_native_one() throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");

        assertThat(digest.getProvider()).isEqualTo(NativeCrypto.sha256().getProvider());
        assertThat(HexFormat.of().formatHex(digest.digest("abc".getBytes(StandardCharsets.US_ASCII))))
                .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    @Test
    void everything_else_stays_as_it_was() throws Exception {
        assertThat(MessageDigest.getInstance("SHA-1").getProvider().getName()).isEqualTo("SUN");
        assertThat(Cipher.getInstance("AES/GCM/NoPadding").getProvider().getName())
                .isEqualTo("SunJCE");
    }

    @Test
    void asking_for_it_twice_makes_no_second_one() {
        int before = Security.getProviders().length;

        NativeDigests.prefer();

        assertThat(Security.getProviders()).hasSize(before);
    }
}
