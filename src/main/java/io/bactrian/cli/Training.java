package io.bactrian.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.bactrian.crypto.Encryption;
import io.bactrian.crypto.KeyRing;
import io.bactrian.crypto.Passphrase;
import io.bactrian.crypto.Seal;
import io.bactrian.repository.BackupId;
import io.bactrian.repository.Json;
import io.bactrian.stream.Compression;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;

/**
 * Uses what a backup uses, without a database, so that its classes come into the archive that makes starts fast. The launcher runs
 * it once after a build, with {@code -Dbactrian.training=true}.
 */
final class Training {
    private static final int LEVEL = 3;

    private Training() {}

    static boolean isOn() {
        return Boolean.getBoolean("bactrian.training");
    }

    static void run() throws IOException, ClassNotFoundException {
        Passphrase passphrase = Passphrase.of("only for training");
        KeyRing ring = KeyRing.generate(passphrase, Instant.now());
        Seal seal = Seal.openpgp(ring, List.of());
        ByteArrayOutputStream sealed = new ByteArrayOutputStream();
        try (OutputStream out = Compression.ZSTD.compress(seal.body(sealed), LEVEL)) {
            out.write("training".getBytes(StandardCharsets.UTF_8));
        }
        var unlocked = ring.unlock(passphrase);
        ring.verify(sealed.toByteArray(), unlocked.sign(sealed.toByteArray()));
        try (var opened = unlocked.open(seal.sessionKeys(), new ByteArrayInputStream(sealed.toByteArray()));
                var plain = Compression.ZSTD.decompress(opened)) {
            plain.readAllBytes();
        }
        useJson();
        Class.forName("org.postgresql.Driver");
        Class.forName("org.newsclub.net.unix.AFUNIXSocketFactory$FactoryArg");
        Encryption.OPENPGP.openCommand("database.dump.zst.pgp", "../../keys", ring.fingerprint());
    }

    private static void useJson() throws JsonProcessingException {
        var json = Json.mapper();
        json.readValue(json.writeValueAsString(BackupId.full(Instant.now())), BackupId.class);
    }
}
