package io.bactrian.repository;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.bactrian.crypto.Encryption;
import io.bactrian.stream.Compression;

/**
 * One stored file of a backup, as the manifest describes it.
 *
 * @param name file name within the backup's folder, or that of its chain's WAL
 * @param content what is inside once opened: {@code dump-custom}, {@code dump-plain}, {@code globals}, {@code properties},
 *     {@code base} or {@code tablespace} (tar), {@code base-manifest} (pg_basebackup's, where it is not in the tar),
 *     {@code configuration} (JSON), {@code wal} or {@code timeline-history}
 * @param bytes size as stored
 * @param sha256 SHA-256 of the file as stored, lower-case hex
 * @param plainBytes size before packing
 * @param hmac HMAC-SHA256 of the file as stored (aes-256-cbc only), lower-case hex
 * @param sessionKey the file that holds the session-key packets (OpenPGP formats only)
 * @param open the shell line that writes the content to standard output without Bactrian, run in the backup's folder; null for
 *     WAL, which has one line for all
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
    public static final String BASE = "base";
    public static final String TABLESPACE = "tablespace";
    public static final String BASE_MANIFEST = "base-manifest";
    public static final String CONFIGURATION = "configuration";
    public static final String WAL = "wal";
    public static final String TIMELINE_HISTORY = "timeline-history";

    /** A small file of its own, so that re-wrapping it to a new key never touches the data. */
    public record SessionKey(String name, long bytes, String sha256, String recipient) {}

    @JsonIgnore
    public boolean isDump() {
        return content.startsWith("dump-");
    }

    /** Whether it lies with the chain's WAL. */
    @JsonIgnore
    public boolean isWal() {
        return content.equals(WAL) || content.equals(TIMELINE_HISTORY);
    }

    public Encryption encryptedWith() {
        return Encryption.named(encryption);
    }

    public Compression compressedWith() {
        return Compression.named(compression);
    }
}
