package io.bactrian.config;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * A bucket, or a part of one, that holds a copy of the repository.
 *
 * @param store the name of the store
 * @param prefix of all keys; empty, or without a slash at either end
 * @param region null: as the AWS chain finds it
 * @param endpoint null: Amazon's
 * @param pathStyle the bucket in the path instead of the host name, as most servers but Amazon's want it
 * @param storageClass null: the bucket's
 * @param encryption of the server: {@code AES256}, {@code aws:kms} or {@code aws:kms:<key id>}; null: the bucket's
 * @param lockMode {@code GOVERNANCE} or {@code COMPLIANCE}; null: no object lock
 * @param lockedFor how long after it was written an object cannot be deleted; null without a lock
 * @param deleteProfile the AWS profile whose credentials delete; null: the same as for all else; {@code none}: this host never deletes
 * @param timeout until the server must have answered
 */
public record S3Bucket(
        String store,
        String bucket,
        String prefix,
        String region,
        URI endpoint,
        boolean pathStyle,
        String storageClass,
        String encryption,
        String lockMode,
        Duration lockedFor,
        String deleteProfile,
        Duration timeout) {

    /** The key of a path in the repository; that of a folder ends with a slash. */
    public String key(String path) {
        return prefix.isEmpty() ? path : prefix + "/" + path;
    }

    /** The path in the repository of a key. */
    public String path(String key) {
        return prefix.isEmpty() ? key : key.substring(prefix.length() + 1);
    }

    /** The key of the server's key management that encrypts; empty: its default. */
    public Optional<String> kmsKey() {
        return encryption == null || !encryption.startsWith("aws:kms:")
                ? Optional.empty()
                : Optional.of(encryption.substring("aws:kms:".length()));
    }

    /** As the header says it; null: the bucket's own. */
    public String serverSideEncryption() {
        return kmsKey().isPresent() ? "aws:kms" : encryption;
    }

    /** For messages: where it is, without credentials, which it never has. */
    public String describe() {
        return "s3://" + bucket + (prefix.isEmpty() ? "" : "/" + prefix) + (endpoint == null ? "" : " at " + endpoint);
    }
}
