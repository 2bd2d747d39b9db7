package io.bactrian.stream;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Counts and SHA-256-digests what passes. */
public final class Digested extends FilterInputStream {
    private final MessageDigest digest;
    private long bytes;

    /** With the JDK's own SHA-256, which for a short stream is soonest there. */
    public Digested(InputStream source) {
        this(source, sha256());
    }

    /** @param sha256 at its start */
    public Digested(InputStream source, MessageDigest sha256) {
        super(source);
        this.digest = sha256;
    }

    /** SHA-256 of the whole stream (FIPS 180-4), lower-case hex; call once, after the end. */
    public String sha256Hex() {
        return HexFormat.of().formatHex(digest.digest());
    }

    public long bytes() {
        return bytes;
    }

    public static String sha256Hex(byte[] content) {
        return HexFormat.of().formatHex(sha256().digest(content));
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int n = in.read(target, offset, length);
        if (n > 0) {
            digest.update(target, offset, n);
            bytes += n;
        }
        return n;
    }

    @Override
    public long skip(long n) throws IOException {
        throw new IOException("a digested stream must be read, not skipped");
    }

    @Override
    public boolean markSupported() {
        return false;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
