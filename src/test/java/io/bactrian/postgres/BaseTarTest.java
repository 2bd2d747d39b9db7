package io.bactrian.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.zip.CRC32C;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;

/** With archives made by hand; {@link BaseTarIT} reads those of pg_basebackup. */
class BaseTarTest {
    private static final Map<String, String> FILES = new LinkedHashMap<>();

    static {
        FILES.put("backup_label", "START WAL LOCATION");
        FILES.put("base/1/1259", "pages of 1259");
        FILES.put("base/1/1259_vm", "");
        FILES.put("global/pg_control", "control");
    }

    @Test
    void a_whole_base_is_as_its_manifest_says() throws Exception {
        BackupManifest.Outcome outcome = read(tar(FILES, manifest(FILES))).orElseThrow();

        assertThat(outcome.problem()).isNull();
        assertThat(outcome.files()).isEqualTo(4);
        assertThat(outcome.compared()).isEqualTo(4);
    }

    @Test
    void a_checksum_of_another_kind_is_not_compared_but_the_size_is() throws Exception {
        String manifest = sealed(list(FILES).replace("CRC32C", "SHA256"));
        BackupManifest.Outcome outcome = read(tar(FILES, manifest)).orElseThrow();
        assertThat(outcome.problem()).isNull();
        assertThat(outcome.compared()).isZero();

        assertThat(read(tar(with("base/1/1259", "page"), manifest)))
                .map(BackupManifest.Outcome::problem)
                .contains("does not hold base/1/1259 of 13 bytes, which its backup_manifest lists");
    }

    @Test
    void a_file_with_another_content_is_named() throws Exception {
        assertThat(problem(with("base/1/1259", "pages of 1258")))
                .isEqualTo("holds base/1/1259 with another content than its backup_manifest lists");
    }

    @Test
    void a_missing_file_is_named() throws Exception {
        Map<String, String> fewer = new LinkedHashMap<>(FILES);
        fewer.remove("base/1/1259_vm");
        assertThat(problem(fewer))
                .isEqualTo("does not hold base/1/1259_vm of 0 bytes, which its backup_manifest lists");
    }

    @Test
    void a_file_too_many_is_noticed() throws Exception {
        assertThat(problem(with("base/1/evil", "x"))).isEqualTo("holds 5 files, but its backup_manifest lists 4");
    }

    @Test
    void wal_is_left_out() throws Exception {
        assertThat(problem(with("pg_wal/000000010000000000000002", "wal"))).isNull();
        String manifest = manifest(with("pg_wal/archive_status/000000010000000000000002.done", ""));
        assertThat(read(tar(FILES, manifest)).orElseThrow().problem()).isNull();
    }

    @Test
    void a_manifest_that_was_changed_or_cut_is_damaged() throws Exception {
        for (UnaryOperator<String> change : Arrays.<UnaryOperator<String>>asList(
                text -> text.replace("\"Size\": 13", "\"Size\": 14"),
                text -> text.replace("base/1/1259_vm", "base/1/1259_fsm"),
                text -> text.substring(0, text.length() / 2),
                text -> text + "\n",
                text -> text.replace("\"Files\"", "\"Flies"),
                text -> text.replaceFirst("Manifest-Checksum\": \".", "Manifest-Checksum\": \"x"),
                text -> "")) {
            String changed = change.apply(manifest(FILES));
            assertThat(read(tar(FILES, changed)).map(BackupManifest.Outcome::problem))
                    .as(changed)
                    .contains("has a damaged backup_manifest");
        }
    }

    @Test
    void a_path_that_is_no_utf8_is_compared_by_its_bytes() throws Exception {
        Map<String, String> odd = with("base/1/\u00e9", "in Latin-1"); // tar() writes names in Latin-1
        String list = list(odd).replace("\"Path\": \"base/1/\u00e9\"", "\"Encoded-Path\": \"626173652f312fe9\"");

        BackupManifest.Outcome outcome = read(tar(odd, sealed(list))).orElseThrow();

        assertThat(outcome.problem()).isNull();
        assertThat(outcome.files()).isEqualTo(5);
    }

    @Test
    void files_of_several_archives_are_compared_together() throws Exception {
        BaseFiles files = new BaseFiles();
        byte[] tablespace = tar(Map.of("PG_15_202209061/5/1", "elsewhere"), null);
        assertThat(BaseTar.read(new ByteArrayInputStream(tablespace), "pg_tblspc/16384/", files))
                .isEmpty();
        String manifest = manifest(with("pg_tblspc/16384/PG_15_202209061/5/1", "elsewhere"));
        BackupManifest.Outcome outcome = BaseTar.read(new ByteArrayInputStream(tar(FILES, manifest)), "", files)
                .orElseThrow();
        assertThat(outcome.problem()).isNull();
        assertThat(outcome.files()).isEqualTo(5);
    }

    @Test
    void an_archive_that_breaks_off_or_is_none_is_refused() throws Exception {
        byte[] whole = tar(FILES, manifest(FILES));
        assertThatThrownBy(() -> read(Arrays.copyOf(whole, 2 * 512 + 5))).isInstanceOf(IOException.class);
        assertThatThrownBy(() ->
                        read("no archive, but long enough for one".repeat(100).getBytes(StandardCharsets.US_ASCII)))
                .isInstanceOf(IOException.class);
    }

    private static String problem(Map<String, String> files) throws Exception {
        return read(tar(files, manifest(FILES))).orElseThrow().problem();
    }

    private static Map<String, String> with(String path, String content) {
        Map<String, String> files = new LinkedHashMap<>(FILES);
        files.put(path, content);
        return files;
    }

    private static Optional<BackupManifest.Outcome> read(byte[] tar) throws IOException {
        return BaseTar.read(new ByteArrayInputStream(tar), "", new BaseFiles());
    }

    /** As pg_basebackup writes it; names in Latin-1. */
    private static byte[] tar(Map<String, String> files, String manifest) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, StandardCharsets.ISO_8859_1.name())) {
            tar.putArchiveEntry(new TarArchiveEntry("base/"));
            tar.closeArchiveEntry();
            for (Map.Entry<String, String> file : files.entrySet()) {
                put(tar, file.getKey(), file.getValue());
            }
            if (manifest != null) {
                put(tar, "backup_manifest", manifest);
            }
        }
        return bytes.toByteArray();
    }

    private static void put(TarArchiveOutputStream tar, String name, String content) throws IOException {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setSize(bytes.length);
        tar.putArchiveEntry(entry);
        tar.write(bytes);
        tar.closeArchiveEntry();
    }

    private static String manifest(Map<String, String> files) throws Exception {
        return sealed(list(files));
    }

    /** Line by line as the server writes it (src/backend/backup/backup_manifest.c), with a member of later versions. */
    private static String list(Map<String, String> files) {
        StringBuilder list = new StringBuilder("{ \"PostgreSQL-Backup-Manifest-Version\": 2,\n"
                + "\"System-Identifier\": 7000000000000000001,\n\"Files\": [");
        String separator = "\n";
        for (Map.Entry<String, String> file : files.entrySet()) {
            byte[] content = file.getValue().getBytes(StandardCharsets.UTF_8);
            CRC32C crc = new CRC32C();
            crc.update(content);
            list.append(separator)
                    .append("{ \"Path\": \"" + file.getKey() + "\", \"Size\": " + content.length)
                    .append(", \"Last-Modified\": \"2026-11-22 21:00:00 GMT\"")
                    .append(", \"Checksum-Algorithm\": \"CRC32C\", \"Checksum\": \"")
                    .append(HexFormat.of().toHexDigits(Integer.reverseBytes((int) crc.getValue())) + "\" }");
            separator = ",\n";
        }
        return list + "\n],\n\"WAL-Ranges\": [\n"
                + "{ \"Timeline\": 1, \"Start-LSN\": \"0/2000028\", \"End-LSN\": \"0/2000100\" }\n],\n";
    }

    private static String sealed(String list) throws Exception {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(list.getBytes(StandardCharsets.UTF_8));
        return list + "\"Manifest-Checksum\": \"" + HexFormat.of().formatHex(digest) + "\"}\n";
    }
}
