package io.bactrian.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.io.IOException;
import java.time.Instant;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPPublicKeyRing;
import org.bouncycastle.openpgp.operator.bc.BcKeyFingerprintCalculator;
import org.junit.jupiter.api.Test;

class CertificateTest {
    private static final Certificate OWN = Keys.RING.certificate();

    @Test
    void a_certificate_survives_armor() throws IOException {
        assertThat(Certificate.parse(OWN.armored()).fingerprint()).isEqualTo(OWN.fingerprint());
    }

    @Test
    void nothing_is_sealed_to_a_subkey_that_was_smuggled_in() throws IOException {
        PGPPublicKey foreign = KeyRing.generate(Keys.PASSPHRASE, Instant.parse("2025-03-01T00:00:00Z"))
                .certificate()
                .encryptionKeys()
                .get(0);
        PGPPublicKeyRing forged = PGPPublicKeyRing.insertPublicKey(publicKeys(), foreign);

        assertThat(Certificate.parse(forged.getEncoded()).encryptionKeys())
                .extracting(PGPPublicKey::getKeyIdentifier)
                .containsExactly(OWN.encryptionKeys().get(0).getKeyIdentifier());
    }

    @Test
    void a_certificate_that_cannot_encrypt_is_refused_as_recipient() throws IOException {
        PGPPublicKeyRing signing = PGPPublicKeyRing.removePublicKey(
                publicKeys(), OWN.encryptionKeys().get(0));
        Certificate certificate = Certificate.parse(signing.getEncoded());

        assertThatExceptionOfType(Failure.class)
                .isThrownBy(certificate::encryptionKeys)
                .withMessageContaining(OWN.fingerprint())
                .satisfies(failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.PRECONDITION));
    }

    @Test
    void what_is_no_certificate_is_refused() {
        assertThatExceptionOfType(Failure.class)
                .isThrownBy(() -> Certificate.parse(new byte[] {1, 2, 3}))
                .satisfies(failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.INTEGRITY));
    }

    private static PGPPublicKeyRing publicKeys() throws IOException {
        return new PGPPublicKeyRing(Armor.unwrap(OWN.armored()), new BcKeyFingerprintCalculator());
    }
}
