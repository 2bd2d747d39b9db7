package io.bactrian.crypto;

import java.security.Provider;
import java.security.Security;

/**
 * Gives libraries that ask Java for SHA-256 the native one: the AWS SDK digests all that it sends over plain HTTP. Of everything else
 * that the native provider has, TLS for instance, it offers nothing.
 */
public final class NativeDigests extends Provider {
    private static final long serialVersionUID = 1;

    private final transient Service sha256;

    private NativeDigests(Provider natives) {
        super("NativeDigests", "1", "native SHA-256");
        sha256 = natives.getService("MessageDigest", "SHA-256");
    }

    /** For this process, from now on; where there is no native one, nothing changes. */
    public static void prefer() {
        NativeCrypto.provider().ifPresent(natives -> Security.insertProviderAt(new NativeDigests(natives), 1));
    }

    @Override
    public Service getService(String type, String algorithm) {
        return type.equals(sha256.getType()) && algorithm.equalsIgnoreCase(sha256.getAlgorithm()) ? sha256 : null;
    }
}
