package io.bactrian.acceptance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;

/** A backup as another program would find it: a folder with a manifest, read here without any class of the product. */
record Stored(Path folder, JsonNode manifest) {
    static Stored in(Path repository, String id) throws IOException {
        Path folder = repository.resolve("full").resolve(id);
        return new Stored(
                folder,
                new ObjectMapper().readTree(folder.resolve("manifest.json").toFile()));
    }

    /** The base that a full was taken with. */
    static Stored base(Path repository, String full) throws IOException {
        String id = in(repository, full).manifest().get("base").asText();
        try (var clusters = Files.list(repository.resolve("base"))) {
            Path folder = clusters.map(cluster -> cluster.resolve(id))
                    .filter(Files::isDirectory)
                    .findFirst()
                    .orElseThrow();
            return new Stored(
                    folder,
                    new ObjectMapper().readTree(folder.resolve("manifest.json").toFile()));
        }
    }

    List<JsonNode> artifacts() {
        return StreamSupport.stream(manifest.get("artifacts").spliterator(), false)
                .toList();
    }

    JsonNode artifact(String content) {
        return artifacts().stream()
                .filter(artifact -> artifact.get("content").asText().startsWith(content))
                .min(java.util.Comparator.comparing(
                        artifact -> artifact.get("content").asText()))
                .orElseThrow();
    }

    Path file(JsonNode artifact) {
        return folder.resolve(artifact.get("name").asText());
    }

    /** Backups that are not whole, and files that were not finished. */
    static List<String> leftovers(Path repository) throws IOException {
        if (Files.notExists(repository.resolve("full"))) {
            return List.of();
        }
        try (var paths = Files.walk(repository.resolve("full"))) {
            return paths.filter(path -> path.toString().endsWith(".unfinished")
                            || (Files.isDirectory(path)
                                    && path.getFileName().toString().startsWith("full_")
                                    && Files.notExists(path.resolve("manifest.json"))))
                    .map(Path::toString)
                    .toList();
        }
    }
}
