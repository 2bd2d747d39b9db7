package io.bactrian.crypto;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Amazon's Corretto provider: ciphers and digests in machine code, as fast at their first byte as ever after. The JDK's own are
 * slow until HotSpot's second compiler has had its turn, which costs a short run more than the run itself. Where there is no
 * library for this processor or C library, or it cannot be loaded, the JDK's do.
 */
public final class NativeCrypto {
    private static final Logger LOG = LoggerFactory.getLogger(NativeCrypto.class);

    private NativeCrypto() {}

    /** Loaded on first use, which takes a tenth of a second or two. */
    private static final class Loaded {
        private static final Optional<Provider> PROVIDER = load();

        private static Optional<Provider> load() {
            try {
                Throwable error = AmazonCorrettoCryptoProvider.INSTANCE.getLoadingError();
                if (error == null) {
                    return Optional.of(AmazonCorrettoCryptoProvider.INSTANCE);
                }
                LOG.debug("native ciphers cannot be loaded, the JDK's are used", error);
            } catch (LinkageError e) {
                LOG.debug("there are no native ciphers, the JDK's are used", e);
            }
            return Optional.empty();
        }
    }

    /** While something else starts: in a thread of its own. */
    public static void loadAhead() {
        CompletableFuture.runAsync(NativeCrypto::provider);
    }

    static Optional<Provider> provider() {
        return Loaded.PROVIDER;
    }

    /** SHA-256 (FIPS 180-4) for long streams. */
    public static MessageDigest sha256() {
        try {
            return provider().isPresent()
                    ? MessageDigest.getInstance("SHA-256", provider().get())
                    : MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
