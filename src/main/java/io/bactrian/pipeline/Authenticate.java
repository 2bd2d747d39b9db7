package io.bactrian.pipeline;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.bactrian.ExitCode;
import io.bactrian.Failure;
import io.bactrian.config.Settings;
import io.bactrian.crypto.KeyRing;
import io.bactrian.repository.Json;
import io.bactrian.repository.Layout;
import io.bactrian.repository.Manifest;
import io.bactrian.stream.Digested;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import org.apache.camel.Exchange;

/** The {@code authenticate} step: a manifest is believed only once what vouches for it has been checked. */
public final class Authenticate {
    private final Settings settings;
    private final Keys keys;

    Authenticate(Settings settings, Keys keys) {
        this.settings = settings;
        this.keys = keys;
    }

    /** The body is the manifest as stored. */
    public void manifest(Exchange exchange) throws IOException {
        Reading reading = Reading.of(exchange);
        reading.withManifestBytes(bytes(exchange)).on(exchange);
    }

    /** The body is the signature, or where no key was configured the digest. */
    public void voucher(Exchange exchange) throws IOException {
        Reading reading = Reading.of(exchange);
        byte[] voucher = bytes(exchange);
        if (reading.vouchedBy().equals(Manifest.SIGNATURE_NAME)) {
            signer().verify(reading.manifestBytes(), voucher);
        } else {
            checkDigest(reading, new String(voucher, StandardCharsets.UTF_8));
        }
        reading.authenticated(parse(reading)).on(exchange);
    }

    /** A planted key would not open with our passphrase; where there is none, only BACKUP_SIGNERS can tell. */
    private KeyRing signer() throws IOException {
        KeyRing ring = keys.ring()
                .orElseThrow(() -> Failure.integrity(
                        "the repository's keys are missing",
                        "Bring the folder `keys` back from a copy of the repository."));
        if (!settings.signers().isEmpty() && !settings.signers().contains(ring.fingerprint())) {
            throw Failure.integrity(
                    "the repository's key " + ring.fingerprint() + " is not one of BACKUP_SIGNERS",
                    "If the key was changed on purpose, name the new one; if not, somebody else wrote this repository.");
        }
        if (keys.encrypting()) {
            keys.unlocked();
        }
        return ring;
    }

    private void checkDigest(Reading reading, String voucher) throws IOException {
        // also without its keys: whoever can plant a backup can take them away
        if (keys.encrypting() || keys.ring().isPresent() || !settings.signers().isEmpty()) {
            throw Failure.integrity(
                    "the manifest of " + reading.id() + " is not signed, but this repository has a key",
                    "Somebody removed the signature, or the backup was made without BACKUP_ENCRYPTION_KEY: do not trust it.");
        }
        if (!voucher.startsWith(Digested.sha256Hex(reading.manifestBytes()))) {
            throw Failure.integrity(
                    "the manifest of " + reading.id() + " was changed after the backup was made",
                    "Restore another backup, or bring this manifest back from a copy.");
        }
    }

    private static Manifest parse(Reading reading) {
        Manifest manifest;
        try {
            manifest = Json.mapper().readValue(reading.manifestBytes(), Manifest.class);
        } catch (JsonProcessingException e) {
            throw new Failure(
                    ExitCode.INTEGRITY,
                    "the manifest of " + reading.id() + " cannot be read",
                    "It is damaged: restore another backup.",
                    e);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        if (manifest.format() != Manifest.FORMAT) {
            throw Failure.precondition(
                    reading.id() + " has repository format " + manifest.format() + ", this version reads "
                            + Manifest.FORMAT,
                    "Use the version of Bactrian that made it, or a newer one.");
        }
        if (!Layout.folder(manifest).equals(reading.folder())) {
            throw Failure.integrity(
                    "the manifest in " + reading.folder() + " belongs to " + Layout.folder(manifest),
                    "Somebody moved it: restore another backup.");
        }
        return manifest;
    }

    private static byte[] bytes(Exchange exchange) throws IOException {
        File file = exchange.getMessage().getBody(File.class);
        if (file.length() > Manifest.LARGEST) {
            throw Failure.integrity(file + " is too large for a manifest", "It is damaged: restore another backup.");
        }
        return Files.readAllBytes(file.toPath());
    }
}
