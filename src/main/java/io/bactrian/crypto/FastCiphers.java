package io.bactrian.crypto;

import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.Security;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Lets BouncyCastle's {@code Jce…} operators, which take one provider for everything, use the fastest ciphers and digests there
 * are: a native AES-GCM where its library loads, else the JDK's, both twenty to forty times faster than BouncyCastle's own. Only
 * HKDF, which the JDK lacks, comes from BouncyCastle; its provider is never loaded, which saves start-up time.
 */
final class FastCiphers extends Provider {
    private static final long serialVersionUID = 1;
    private static final String GCM = "AES/GCM/NoPadding";

    private final transient List<Provider> jdk = Stream.of("SunJCE", "SUN")
            .map(Security::getProvider)
            .filter(Objects::nonNull)
            .toList();
    private final transient Service hkdf = new Service(
            this,
            "SecretKeyFactory",
            "HKDF-SHA256",
            "org.bouncycastle.jcajce.provider.symmetric.HKDF$HKDFwithSHA256",
            null,
            null);
    private final transient Service gcm;

    FastCiphers() {
        this(NativeCrypto.provider());
    }

    FastCiphers(Optional<Provider> nativeOnes) {
        super("FastCiphers", "1", "native AES-GCM, then SunJCE, then SUN, and BouncyCastle's HKDF");
        gcm = nativeOnes.map(provider -> provider.getService("Cipher", GCM)).orElseGet(SteppedGcmService::new);
    }

    /** Everything else is the JDK's: the native provider lists a bare {@code AES}, but has only some of its modes. */
    @Override
    public Service getService(String type, String algorithm) {
        return Stream.of(hkdf, gcm)
                .filter(own -> own.getType().equals(type) && own.getAlgorithm().equalsIgnoreCase(algorithm))
                .findFirst()
                .orElseGet(() -> jdk.stream()
                        .map(provider -> provider.getService(type, algorithm))
                        .filter(Objects::nonNull)
                        .findFirst()
                        .orElse(null));
    }

    private final class SteppedGcmService extends Service {
        SteppedGcmService() {
            super(FastCiphers.this, "Cipher", GCM, SteppedGcm.class.getName(), null, null);
        }

        @Override
        public Object newInstance(Object parameter) throws NoSuchAlgorithmException {
            return new SteppedGcm();
        }
    }
}
