package io.bactrian.acceptance;

import static io.bactrian.acceptance.LoudFailure.assertDone;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.repository.Json;
import io.bactrian.s3.S3Server;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.commons.io.file.PathUtils;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A dump of 5 GB on its way into a bucket and back, in the launcher's heap of 64 MB. Takes about 20 GB of disk. */
@Tag("soak")
@ExtendWith(Postgres.Shared.class)
class LargeObjectSoakIT {
    private static final long BYTES = 5L << 30;
    private static final int PIECE = 1 << 20;

    @TempDir
    private Path folder;

    @Test
    void five_gigabytes_go_into_a_bucket_and_come_back_in_64_megabytes(Postgres postgres) throws Exception {
        postgres.createDatabase("large");
        Path repository = folder.resolve("repository");
        try (S3Server server = S3Server.start(folder.resolve("s3"))) {
            Path bucket = server.bucket("backups");
            Program local = Program.of(repository, postgres.backupUrl("large"))
                    .with("BACKUP_PITR", "off")
                    .with("BACKUP_COMPRESSION", "none")
                    .without("BACKUP_ENCRYPTION_KEY")
                    .with("BACTRIAN_HEAP", "64m");
            assertDone(local.run("full", "--no-test"));
            enlarge(Aftermath.entries(repository.resolve("full")).get(0));

            Program offsite = local.with("BACKUP_S3_BUCKET", "backups").with("BACKUP_S3_ENDPOINT", server.endpoint());
            for (Map.Entry<String, String> credential : S3Server.credentials().entrySet()) {
                offsite = offsite.with(credential.getKey(), credential.getValue());
            }
            assertDone(offsite.run("replicate"));
            try (Stream<Path> stored = Files.walk(bucket)) {
                assertThat(stored.map(Path::toFile).mapToLong(file -> file.isFile() ? file.length() : 0))
                        .anyMatch(bytes -> bytes == BYTES);
            }
            PathUtils.deleteDirectory(repository);
            assertDone(offsite.run("test", "--level", "checksum"));
        }
    }

    /** Its dump becomes large, and its manifest says so; nothing but a digest vouches for that one. */
    private static void enlarge(Path full) throws Exception {
        Path manifest = full.resolve("manifest.json");
        JsonNode told = Json.mapper().readTree(Files.readAllBytes(manifest));
        for (JsonNode artifact : told.path("artifacts")) {
            if (artifact.path("content").asText().startsWith("dump")) {
                String digest = fill(full.resolve(artifact.path("name").asText()));
                ((ObjectNode) artifact).put("bytes", BYTES).put("sha256", digest);
            }
        }
        byte[] changed = Json.mapper().writeValueAsBytes(told);
        Files.write(manifest, changed);
        Files.writeString(full.resolve("manifest.json.sha256"), hex(sha256().digest(changed)) + "  manifest.json\n");
    }

    private static String fill(Path dump) throws Exception {
        MessageDigest digest = sha256();
        byte[] piece = new byte[PIECE];
        new Random(5).nextBytes(piece);
        try (OutputStream out = new DigestOutputStream(Files.newOutputStream(dump), digest)) {
            for (long written = 0; written < BYTES; written += PIECE) {
                ByteBuffer.wrap(piece).putLong(written); // no two pieces are the same
                out.write(piece);
            }
        }
        return hex(digest.digest());
    }

    private static MessageDigest sha256() throws Exception {
        return MessageDigest.getInstance("SHA-256");
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
