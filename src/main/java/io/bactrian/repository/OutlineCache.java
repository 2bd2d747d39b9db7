package io.bactrian.repository;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32;

/**
 * Outlines of manifests that were read before, in {@code .cache/outlines.tsv} below BACKUP_DIR, so that ten thousand need not be
 * parsed again. Each line: CRC-32 of the rest, 1 if the manifest was authenticated, size and time of its file, the
 * {@link Outline} as JSON, the file; separated by tabs, and the last line of a file counts. Whatever does not fit is as if it
 * were not there: a cache that is old, damaged or missing costs time and changes nothing. It proves nothing either: whoever
 * deletes reads and authenticates the manifests themselves.
 */
public final class OutlineCache {
    private static final String FILE_NAME = "outlines.tsv";
    private static final String TAB = "\t";
    private static final int FIELDS = 6;
    /** Lines for each manifest that was asked for, before the cache begins anew. */
    private static final int MOST_LINES_EACH = 3;

    private static final int FEW_LINES = 1000;

    private final Path file;
    private final ObjectMapper json = Json.mapper();
    private final StringBuilder added = new StringBuilder();
    private Map<String, Line> lines;
    private int linesRead;
    private int asked;

    /** @param authentic whether it was authenticated when it was read */
    public record Known(Manifest manifest, boolean authentic) {}

    private record Line(String stamp, boolean authentic, byte[] outline) {}

    /** @param root of the local store */
    public OutlineCache(Path root) {
        file = root.resolve(".cache").resolve(FILE_NAME);
    }

    private OutlineCache() {
        file = null;
        lines = Map.of();
    }

    /** One that knows nothing and remembers nothing. */
    static OutlineCache none() {
        return new OutlineCache();
    }

    /** What is known of the manifest in a file, as the file is now. */
    public Optional<Known> find(File manifest) {
        asked++;
        Line line = lines().get(manifest.getPath());
        try {
            return line == null || !line.stamp.equals(stamp(manifest))
                    ? Optional.empty()
                    : Optional.of(new Known(
                            json.readValue(line.outline, Outline.class).outlined(), line.authentic));
        } catch (IOException | RuntimeException e) {
            return Optional.empty();
        }
    }

    /** The outline of a manifest that is not to be kept. */
    public static Manifest outline(Manifest whole) {
        return Outline.of(whole).outlined();
    }

    /** Notes a manifest that was just read from a file, and returns its outline. */
    public Manifest add(File manifest, Manifest whole, boolean authentic) throws IOException {
        Outline outline = Outline.of(whole);
        String rest = String.join(
                TAB, authentic ? "1" : "0", stamp(manifest), json.writeValueAsString(outline), manifest.getPath());
        added.append(crc(rest)).append(TAB).append(rest).append('\n');
        return outline.outlined();
    }

    /** Size and time, as the two fields that they are. */
    private static String stamp(File manifest) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(manifest.toPath(), BasicFileAttributes.class);
        return attributes.size() + TAB + attributes.lastModifiedTime();
    }

    private static String crc(String rest) {
        CRC32 crc = new CRC32();
        crc.update(rest.getBytes(StandardCharsets.UTF_8));
        return Long.toHexString(crc.getValue());
    }

    private Map<String, Line> lines() {
        if (lines == null) {
            lines = new HashMap<>();
            try (BufferedReader in = new BufferedReader(
                    new java.io.InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8))) {
                in.lines().forEach(this::index);
            } catch (IOException | RuntimeException e) {
                lines.clear(); // no cache: everything is read
            }
        }
        return lines;
    }

    private void index(String line) {
        linesRead++;
        String[] fields = line.split(TAB, -1);
        if (fields.length == FIELDS
                && crc(line.substring(fields[0].length() + 1)).equals(fields[0])) {
            lines.put(
                    fields[5],
                    new Line(
                            fields[2] + TAB + fields[3],
                            fields[1].equals("1"),
                            fields[4].getBytes(StandardCharsets.UTF_8)));
        }
    }

    /** Keeps what was added for the next run, and lets go of the rest. Where nothing can be written, there is no cache. */
    public void save() {
        boolean anew = linesRead > FEW_LINES + MOST_LINES_EACH * asked;
        lines = null;
        linesRead = 0;
        asked = 0;
        if (added.isEmpty() || file == null) {
            return;
        }
        try {
            DurableFile.createFolders(file.getParent());
            if (anew) {
                Files.deleteIfExists(file);
            }
            try (var channel = Files.newByteChannel(
                    file,
                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
                ByteBuffer bytes = StandardCharsets.UTF_8.encode("\n" + added);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
            }
        } catch (IOException | io.bactrian.Failure e) {
            // the next run reads what this one has read
        }
        added.setLength(0);
    }
}
