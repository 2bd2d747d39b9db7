package io.bactrian.pipeline;

import io.bactrian.Failure;
import io.bactrian.repository.Artifact;
import io.bactrian.repository.BackupId;
import io.bactrian.repository.Layout;
import io.bactrian.repository.Manifest;
import io.bactrian.repository.Store;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;

/**
 * A backup that is being read, to test or restore it.
 *
 * @param wanted what was asked for: an id, the beginning of one, or {@code latest}
 * @param level how deep a test goes: {@code checksum} or {@code read}
 * @param id null before {@code find} chose
 * @param folder where it lies in every store; null before {@code find} chose
 * @param vouchedBy name of the file beside the manifest that vouches for it; null before {@code find} chose
 * @param manifestBytes as stored, not yet trusted; null before it was fetched
 * @param manifest authenticated; null before
 * @param artifact the one being read; null in between
 * @param stores where its files may be read, in the order in which they are tried; empty before {@code find} chose
 * @param sessionKey the content of the artifact's key file, checked; null before it was fetched
 */
public record Reading(
        String wanted,
        String level,
        BackupId id,
        String folder,
        String vouchedBy,
        byte[] manifestBytes,
        Manifest manifest,
        Artifact artifact,
        List<Store> stores,
        byte[] sessionKey) {

    public static final String PROPERTY = "reading";
    public static final String CHECKSUM = "checksum";
    public static final String READ = "read";
    /** The newest full. */
    public static final String LATEST = "latest";

    private static final Pattern ID_OR_BEGINNING = Pattern.compile("(full|base|incremental)_[0-9TZ-]*");

    public static Reading of(String wanted, String level) {
        return new Reading(wanted, level, null, null, null, null, null, null, List.of(), null);
    }

    /** One artifact of a backup whose manifest is authenticated. */
    static Reading of(Manifest trusted, Artifact artifact, List<Store> stores) {
        return of(trusted.id().text(), READ)
                .chosen(trusted.id(), Layout.folder(trusted), Manifest.SIGNATURE_NAME)
                .authenticated(trusted)
                .readFrom(stores)
                .withArtifact(artifact);
    }

    static Reading of(Exchange exchange) {
        return exchange.getProperty(PROPERTY, Reading.class);
    }

    void on(Exchange exchange) {
        exchange.setProperty(PROPERTY, this);
    }

    Reading chosen(BackupId found, String lies, String voucher) {
        return new Reading(wanted, level, found, lies, voucher, null, null, null, stores, null);
    }

    Reading withManifestBytes(byte[] bytes) {
        return new Reading(wanted, level, id, folder, vouchedBy, bytes, null, null, stores, null);
    }

    Reading authenticated(Manifest trusted) {
        return new Reading(wanted, level, id, folder, vouchedBy, manifestBytes, trusted, null, stores, null);
    }

    Reading withArtifact(Artifact next) {
        return new Reading(wanted, level, id, folder, vouchedBy, manifestBytes, manifest, next, stores, null);
    }

    Reading readFrom(List<Store> inThisOrder) {
        return new Reading(
                wanted, level, id, folder, vouchedBy, manifestBytes, manifest, artifact, inThisOrder, sessionKey);
    }

    Reading withSessionKey(byte[] content) {
        return new Reading(wanted, level, id, folder, vouchedBy, manifestBytes, manifest, artifact, stores, content);
    }

    /** For routes: the folder of all backups of the kind that is wanted. */
    public String kindFolder() {
        if (wanted.equals(LATEST)) {
            return Layout.FULL;
        }
        Matcher matcher = ID_OR_BEGINNING.matcher(wanted);
        if (!matcher.matches()) {
            throw Failure.usage(
                    "that is not the id of a backup",
                    "An id looks like full_2025-01-01T02-00-00-000Z; `bactrian status` lists them; `latest` is the newest.");
        }
        return matcher.group(1);
    }

    /** For routes. */
    public String manifestPath() {
        return folder + "/" + Manifest.FILE_NAME;
    }

    /** For routes. */
    public String voucherPath() {
        return folder + "/" + vouchedBy;
    }

    /** For routes: what is to be read; what says how the others should be comes last. */
    public List<Artifact> artifacts() {
        return manifest.artifacts().stream()
                .sorted(Comparator.comparing(a -> a.content().equals(Artifact.BASE_MANIFEST)))
                .toList();
    }

    /** For routes. */
    public String artifactPath() {
        return Layout.folder(manifest, artifact) + "/" + artifact.name();
    }

    /** For routes. */
    public boolean hasSessionKey() {
        return artifact.sessionKey() != null;
    }

    /** For routes. */
    public String sessionKeyPath() {
        return Layout.folder(manifest, artifact) + "/" + artifact.sessionKey().name();
    }

    /** Major version of the server that was dumped, for the programs that read the dump. */
    int serverMajor() {
        String version = manifest == null ? "" : manifest.serverVersion();
        String digits = version.replaceFirst("\\D.*", "");
        if (digits.isEmpty()) {
            throw Failure.integrity(
                    "the manifest of " + id + " does not say which server it came from",
                    "The manifest is damaged: restore another backup.");
        }
        return Integer.parseInt(digits);
    }
}
