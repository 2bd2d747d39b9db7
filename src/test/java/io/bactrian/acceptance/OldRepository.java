package io.bactrian.acceptance;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;

/** A repository without a key that holds fulls of any age: their manifests are as a backup writes them, their dumps are not. */
record OldRepository(Path root) {
    private static final DateTimeFormatter ID =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH-mm-ss-SSS'Z'").withZone(ZoneOffset.UTC);

    /** Returns the id. */
    String full(Duration age) throws IOException {
        Instant began = Instant.now().minus(age).truncatedTo(ChronoUnit.MILLIS);
        String id = "full_" + ID.format(began);
        Path folder = Files.createDirectories(root.resolve("full").resolve(id));
        StringBuilder artifacts = new StringBuilder();
        for (String name : List.of("database.dump", "globals.sql", "database.json")) {
            Files.writeString(folder.resolve(name), name);
            artifacts
                    .append(artifacts.isEmpty() ? "" : ",")
                    .append(String.format(
                            "{\"name\":\"%s\",\"content\":\"%s\",\"bytes\":%d,\"sha256\":\"%s\",\"plainBytes\":1,"
                                    + "\"compression\":\"none\",\"encryption\":\"none\"}",
                            name,
                            name.equals("database.dump") ? "dump-custom" : "globals",
                            name.length(),
                            sha256(name)));
        }
        String manifest = String.format(
                "{\"format\":1,\"id\":\"%s\",\"kind\":\"full\",\"started\":\"%s\",\"finished\":\"%s\",\"durationMillis\":1,"
                        + "\"host\":\"h\",\"database\":\"shop\",\"serverVersion\":\"15.1\",\"tools\":{},\"options\":{},"
                        + "\"artifacts\":[%s],\"warnings\":[]}",
                id, began, began, artifacts);
        Files.writeString(folder.resolve("manifest.json.sha256"), sha256(manifest) + "  manifest.json\n");
        Files.writeString(folder.resolve("manifest.json"), manifest);
        return id;
    }

    private static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    List<Path> files() throws IOException {
        try (var files = Files.walk(root)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> !root.relativize(file).toString().matches("\\..*|history.jsonl|backup.log"))
                    .sorted()
                    .toList();
        }
    }

    /** Ids of those that have a manifest, oldest first. */
    List<String> fulls() throws IOException {
        return files().stream()
                .filter(file -> file.endsWith("manifest.json"))
                .map(file -> file.getParent().getFileName().toString())
                .sorted()
                .toList();
    }
}
