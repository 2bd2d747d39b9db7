package io.bactrian.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.bactrian.Failure;
import io.bactrian.crypto.Encryption;
import io.bactrian.crypto.KeyRing;
import io.bactrian.crypto.Passphrase;
import io.bactrian.crypto.Seal;
import io.bactrian.postgres.DatabaseUrl;
import io.bactrian.postgres.Guardian;
import io.bactrian.postgres.Proof;
import io.bactrian.postgres.Server;
import io.bactrian.postgres.TableName;
import io.bactrian.repository.Artifact;
import io.bactrian.repository.BackupId;
import io.bactrian.repository.DurableFile;
import io.bactrian.repository.Json;
import io.bactrian.repository.Manifest;
import io.bactrian.s3.S3Training;
import io.bactrian.stream.Compression;
import io.bactrian.stream.Stage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.postgresql.Driver;

/**
 * Uses what a backup uses, without a database, so that its classes come into the archive that makes starts fast. The launcher runs
 * it once after a build, with {@code -Dbactrian.training=true}.
 */
final class Training {
    private static final String MODULE = "module-info.class";
    private static final int LEVEL = 3;

    private Training() {}

    static boolean isOn() {
        return Boolean.getBoolean("bactrian.training");
    }

    static void run() throws IOException {
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
        runChild();
        loadAll(Training.class);
        loadAll(Driver.class);
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

    /** There is none; what comes after a connection is loaded with all of its jar. */
    private static void seekServer() {
        try {
            Server.choose(DatabaseUrl.parse("postgresql://training@%2Fnonexistent/training", Map.of()))
                    .connect();
        } catch (Failure expected) {
            // now everything is loaded that looks for one
        }
    }

    private static void runChild() throws IOException {
        try (Guardian guardian = new Guardian()) {
            InputStream said =
                    guardian.start(new ProcessBuilder("echo", "training")).getInputStream();
            DurableFile.write(
                    Stage.of("training", said, out -> out), Path.of("training").toAbsolutePath());
        }
    }

    /** Every class of a jar, not initialized: in the archive it costs nothing until it is used. */
    private static void loadAll(Class<?> one) throws IOException {
        try (JarFile jar = new JarFile(
                one.getProtectionDomain().getCodeSource().getLocation().getPath())) {
            jar.stream()
                    .map(JarEntry::getName)
                    .filter(name -> name.endsWith(".class") && !name.startsWith("META-INF") && !name.equals(MODULE))
                    .forEach(name -> load(name.replace('/', '.').replaceAll("\\.class$", "")));
        }
    }

    private static void load(String name) {
        try {
            Class.forName(name, false, Training.class.getClassLoader());
        } catch (ClassNotFoundException | LinkageError e) {
            // it is for a library that is not there
        }
    }
}
