package io.bactrian.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.bactrian.Failure;
import io.bactrian.crypto.Encryption;
import io.bactrian.crypto.KeyRing;
import io.bactrian.crypto.Passphrase;
import io.bactrian.crypto.Seal;
import io.bactrian.postgres.DatabaseUrl;
import io.bactrian.postgres.Proof;
import io.bactrian.postgres.Server;
import io.bactrian.postgres.TableName;
import io.bactrian.repository.Artifact;
import io.bactrian.repository.BackupId;
import io.bactrian.repository.Json;
import io.bactrian.repository.Manifest;
import io.bactrian.s3.S3Training;
import io.bactrian.stream.Compression;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * Uses what a backup uses, without a database, so that its classes come into the archive that makes starts fast. The launcher runs
 * it once after a build, with {@code -Dbactrian.training=true}.
 */
final class Training {
    private static final int LEVEL = 3;
    private static final List<String> AFTER_A_CONNECTION = List.of(
            "core.v3.QueryExecutorImpl",
            "core.v3.CopyOutImpl",
            "core.CachedQueryCreateAction",
            "jdbc.PgConnection",
            "jdbc.PgDatabaseMetaData",
            "jdbc.PgPreparedStatement",
            "jdbc.PgResultSet",
            "jdbc.TypeInfoCache",
            "util.LruCache");

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
        seekServer();
        S3Training.run();
        Encryption.OPENPGP.openCommand("database.dump.zst.pgp", "../../keys", ring.fingerprint());
    }

    private static void useJson() throws JsonProcessingException {
        var json = Json.mapper();
        Instant now = Instant.now();
        BackupId id = BackupId.full(now);
        Artifact artifact =
                new Artifact("database.dump", Artifact.DUMP_CUSTOM, 1, "", 1, "zstd", "openpgp", null, null, "");
        Proof proof = new Proof(Proof.Level.COUNTS, List.of(new Proof.Table(new TableName("public", "t"), 1, null)));
        Manifest manifest = new Manifest(
                Manifest.FORMAT,
                id,
                id.kind(),
                now,
                now,
                1,
                "",
                "",
                "",
                "",
                "",
                Map.of(),
                Map.of(),
                List.of(artifact),
                1,
                proof,
                List.of(),
                null,
                null,
                null,
                null);
        json.readValue(json.writeValueAsString(manifest), Manifest.class);
    }

    /** There is none; what comes after a connection is named. */
    private static void seekServer() throws ClassNotFoundException {
        try {
            Server.choose(DatabaseUrl.parse("postgresql://training@%2Fnonexistent/training", Map.of()))
                    .connect();
        } catch (Failure expected) {
            for (String later : AFTER_A_CONNECTION) {
                Class.forName("org.postgresql." + later);
            }
        }
    }
}
