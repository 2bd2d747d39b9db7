package io.bactrian.repository;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.bactrian.postgres.Proof;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The document that makes a backup exist; {@code docs/repository-format.md} specifies it.
 *
 * @param format version of the repository format
 * @param started when the backup began; every row that was committed before it is inside
 * @param finished when the last artifact was safely stored
 * @param database its name; what else it is like lies in the encrypted {@code properties} artifact, as settings may be secret
 * @param serverVersion as {@code server_version} says it
 * @param systemIdentifier of the cluster, decimal; null where the role may not ask
 * @param objects entries in the archive's table of contents; null for a plain dump
 * @param proof row counts taken in the dump's own snapshot; null with BACKUP_PROOF=off
 * @param durationMillis from {@code started} to {@code finished}
 * @param base of a full: the base that was taken with it, or null
 * @param physical of a base
 * @param wal of an incremental
 * @param signer fingerprint of the key that signed this manifest; null where no key is configured
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record Manifest(
        int format,
        BackupId id,
        String kind,
        Instant started,
        Instant finished,
        long durationMillis,
        String host,
        String database,
        String serverVersion,
        String systemIdentifier,
        String snapshotLsn,
        Map<String, String> tools,
        Map<String, String> options,
        List<Artifact> artifacts,
        Integer objects,
        Proof proof,
        List<String> warnings,
        BackupId base,
        PhysicalBase physical,
        WalRange wal,
        String signer) {

    public static final int FORMAT = 1;
    public static final String FILE_NAME = "manifest.json";
    public static final String SIGNATURE_NAME = "manifest.json.sig";
    /** In place of a signature where no key is configured: tells of accidents, not of forgery. */
    public static final String DIGEST_NAME = "manifest.json.sha256";

    /** Bytes; whatever is larger is no manifest. */
    public static final long LARGEST = 64L * 1024 * 1024;

    public Manifest {
        artifacts = artifacts instanceof OutlinedArtifacts ? artifacts : List.copyOf(artifacts);
        warnings = List.copyOf(warnings);
    }

    /** Of a full. */
    public Optional<Artifact> dump() {
        return artifacts.stream().filter(Artifact::isDump).findFirst();
    }

    /** Bytes in the store, session keys included. */
    @JsonIgnore
    public long storedBytes() {
        return artifacts instanceof OutlinedArtifacts outlined
                ? outlined.bytes()
                : artifacts.stream()
                        .mapToLong(a -> a.bytes()
                                + (a.sessionKey() == null ? 0 : a.sessionKey().bytes()))
                        .sum();
    }
}
