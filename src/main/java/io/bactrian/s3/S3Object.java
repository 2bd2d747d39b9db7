package io.bactrian.s3;

import io.bactrian.config.S3Bucket;

/**
 * What a route of the store works on.
 *
 * @param path in the repository; empty for all of it
 * @param bytes of the content to put; -1 otherwise
 */
public record S3Object(S3Bucket in, String path, long bytes) {
    /** The exchange property. */
    public static final String PROPERTY = "s3";

    /** As large as a request may be before it is better sent in parts; also the smallest part. */
    static final long PART_BYTES = 16L << 20;

    private static final long MOST_PARTS = 10_000;

    S3Object of(long size) {
        return new S3Object(in, path, size);
    }

    public String key() {
        return in.key(path);
    }

    /** For routes. */
    public String bucket() {
        return in.bucket();
    }

    /** For routes: the name of the client in the registry. */
    public String client() {
        return "s3Client-" + in.store();
    }

    /** For routes: whether camel-aws2-s3 cannot send it; it knows neither parts side by side, nor locks, nor KMS without a key. */
    public boolean special() {
        return bytes > PART_BYTES
                || in.lockMode() != null
                || (in.encryption() != null && in.encryption().equals("aws:kms"));
    }

    /** For routes. */
    public boolean encryptedByServer() {
        return "AES256".equals(in.encryption());
    }

    /** For routes. */
    public boolean encryptedByKey() {
        return in.kmsKey().isPresent();
    }

    /** For routes: empty without one. */
    public String kmsKey() {
        return in.kmsKey().orElse("");
    }

    /** So large that 10,000 parts, the most that S3 takes, are enough. */
    long partBytes() {
        long wanted = (bytes + MOST_PARTS - 1) / MOST_PARTS;
        return Math.max(PART_BYTES, (wanted + (1 << 20) - 1) >> 20 << 20);
    }
}
