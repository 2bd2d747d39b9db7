package io.bactrian.repository;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.bactrian.crypto.Encryption;
import io.bactrian.stream.Compression;

/**
 * One stored file of a backup, as the manifest describes it.
 *
 * @param name file name within the backup's folder
 * @param content what is inside once opened: {@code dump-custom}, {@code dump-plain}, {@code globals} or
 *     {@code properties}
 * @param bytes size as stored
 * @param sha256 SHA-256 of the file as stored, lower-case hex
 * @param plainBytes size before packing
 * @param hmac HMAC-SHA256 of the file as stored (aes-256-cbc only), lower-case hex
 * @param sessionKey the file that holds the session-key packets (OpenPGP formats only)
 * @param open the shell line that writes the content to standard output without Bactrian, run in the backup's folder
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Artifact(
        String name,
        String content,
        long bytes,
        String sha256,
        long plainBytes,
        String compression,
        String encryption,
        String hmac,
        SessionKey sessionKey,
        String open) {

    public static final String DUMP_CUSTOM = "dump-custom";
    public static final String DUMP_PLAIN = "dump-plain";
    public static final String GLOBALS = "globals";
    public static final String PROPERTIES = "properties";

    /** A small file of its own, so that re-wrapping it to a new key never touches the data. */
    public record SessionKey(String name, long bytes, String sha256, String recipient) {}

    @JsonIgnore
    public boolean isDump() {
        return content.startsWith("dump-");
    }

    public Encryption encryptedWith() {
        return Encryption.named(encryption);
    }

    public Compression compressedWith() {
        return Compression.named(compression);
    }
}
