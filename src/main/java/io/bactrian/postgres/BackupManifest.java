package io.bactrian.postgres;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.bactrian.stream.Digested;
import io.bactrian.stream.Streams;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.io.input.BoundedInputStream;

/**
 * PostgreSQL's own list of what a base holds ({@code backup_manifest}; manual, chapter "Backup Manifest Format"), compared with
 * the files that were seen. It is read as a stream: a cluster of many files has a long one.
 */
public final class BackupManifest {
    public static final String FILE_NAME = "backup_manifest";

    /** What pg_basebackup keeps of a file's content, unless it is told otherwise. */
    private static final String CRC32C = "CRC32C";

    private static final String WAL = "pg_wal/";
    private static final JsonFactory JSON = new JsonFactory();
    /** It holds the SHA-256 of all that stands before it. */
    private static final Pattern LAST_LINE = Pattern.compile("\"Manifest-Checksum\": \"([0-9a-f]{64})\"}\n");

    private static final int LAST_LINE_BYTES = 89;
    /** Ends the JSON document in place of the last line. */
    private static final byte[] END = "\"\": 0}".getBytes(StandardCharsets.US_ASCII);

    private final BaseFiles.Known seen;
    private int files;
    private int compared;
    private String problem;

    /**
     * How the comparison ended.
     *
     * @param problem the first thing that is not as it should be, as the predicate of a sentence about the base; null if all
     *     is well
     * @param files that the manifest lists
     * @param compared those of them whose checksum was compared: those with a CRC-32C, which is the default of pg_basebackup
     */
    public record Outcome(String problem, int files, int compared) {}

    private BackupManifest(BaseFiles.Known seen) {
        this.seen = seen;
    }

    /**
     * Reads the manifest, {@code length} bytes, and holds it against the files.
     *
     * @throws IOException if the stream breaks off
     */
    public static Outcome compare(InputStream manifest, long length, BaseFiles files) throws IOException {
        BackupManifest comparison = new BackupManifest(files.known());
        if (!comparison.read(manifest, length - LAST_LINE_BYTES)) {
            comparison.problem = "has a damaged " + FILE_NAME;
        } else if (comparison.problem == null && comparison.files != files.count()) {
            comparison.problem =
                    "holds " + files.count() + " files, but its " + FILE_NAME + " lists " + comparison.files;
        }
        return new Outcome(comparison.problem, comparison.files, comparison.compared);
    }

    /** Whether the manifest itself is whole. */
    private boolean read(InputStream manifest, long listBytes) throws IOException {
        Digested list = new Digested(BoundedInputStream.builder()
                .setInputStream(manifest)
                .setMaxCount(Math.max(0, listBytes))
                .setPropagateClose(false)
                .get());
        boolean wellFormed = true;
        try (JsonParser json = JSON.createParser(new SequenceInputStream(list, new ByteArrayInputStream(END)))) {
            for (JsonToken token; (token = json.nextToken()) != null; ) {
                if (token == JsonToken.FIELD_NAME && json.currentName().equals("Files")) {
                    readFiles(json);
                }
            }
        } catch (JsonProcessingException e) {
            wellFormed = false;
        }
        Streams.drain(list);
        Matcher recorded =
                LAST_LINE.matcher(new String(manifest.readNBytes(LAST_LINE_BYTES), StandardCharsets.ISO_8859_1));
        return wellFormed && recorded.matches() && recorded.group(1).equals(list.sha256Hex());
    }

    private void readFiles(JsonParser json) throws IOException {
        json.nextToken();
        while (json.nextToken() == JsonToken.START_OBJECT) {
            Listed file = new Listed();
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                json.nextToken();
                file.set(name, json);
            }
            if (counts(file.name())) {
                compare(file);
            }
        }
    }

    /** Whether a file is compared: WAL is not, since it is not part of the copy (as in {@code pg_verifybackup}). */
    static boolean counts(String path) {
        return !path.startsWith(WAL) && !path.equals(FILE_NAME);
    }

    private void compare(Listed file) {
        files++;
        boolean comparable = file.algorithm.equals(CRC32C);
        if (comparable) {
            compared++;
        }
        if (problem == null && !seen.has(file.path, file.size)) {
            problem = "does not hold " + file.name() + " of " + file.size + " bytes, which its " + FILE_NAME + " lists";
        } else if (problem == null && comparable && !seen.has(file.path, file.size, file.checksum)) {
            problem = "holds " + file.name() + " with another content than its " + FILE_NAME + " lists";
        }
    }

    /** One entry while it is read. */
    private static final class Listed {
        private byte[] path = {};
        private long size;
        private String algorithm = "";
        private String checksum = "";

        void set(String name, JsonParser json) throws IOException {
            switch (name) {
                case "Path" -> path = json.getText().getBytes(StandardCharsets.UTF_8);
                case "Encoded-Path" -> path = unhex(json);
                case "Size" -> size = json.getLongValue();
                case "Checksum-Algorithm" -> algorithm = json.getText();
                case "Checksum" -> checksum = json.getText();
                default -> json.skipChildren();
            }
        }

        private static byte[] unhex(JsonParser json) throws IOException {
            try {
                return HexFormat.of().parseHex(json.getText());
            } catch (IllegalArgumentException e) {
                throw new com.fasterxml.jackson.core.JsonParseException(json, "not hexadecimal", e);
            }
        }

        String name() {
            return new String(path, StandardCharsets.UTF_8);
        }
    }
}
