package io.bactrian.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.StreamSupport;

/** The bases, incrementals and segments of a repository as another program would find them, without any class of the product. */
record StoredWal(Path repository) {
    private static final ObjectMapper JSON = new ObjectMapper();

    List<JsonNode> bases() throws IOException {
        return manifests("base");
    }

    List<JsonNode> incrementals() throws IOException {
        return manifests("incremental");
    }

    /** The end of the first base: before that nothing can be recovered. */
    Instant windowBegins() throws IOException {
        return Instant.parse(bases().get(0).at("/physical/endTime").asText());
    }

    /** The last cut: after that nothing can be recovered. */
    Instant windowEnds() throws IOException {
        List<Instant> cuts = cuts();
        return cuts.get(cuts.size() - 1);
    }

    List<Instant> cuts() throws IOException {
        return incrementals().stream()
                .map(manifest -> manifest.at("/wal/cut/time").asText())
                .filter(time -> !time.isEmpty())
                .map(Instant::parse)
                .toList();
    }

    /** That each chain's incrementals follow one another, and that each segment between start and end is there. */
    void assertUnbroken() throws IOException {
        JsonNode before = null;
        for (JsonNode manifest : incrementals()) {
            JsonNode wal = manifest.get("wal");
            boolean first = before == null || !before.at("/wal/chain").equals(wal.get("chain"));
            if (first) {
                assertThat(wal.hasNonNull("follows"))
                        .as("the first of a chain follows none")
                        .isFalse();
            } else {
                assertThat(wal.get("follows")).isEqualTo(before.get("id"));
                assertThat(wal.get("start")).isEqualTo(before.at("/wal/end"));
            }
            long bytes = wal.get("segmentBytes").asLong();
            List<String> segments = segments(manifest);
            List<Long> expected = new ArrayList<>();
            for (long at = position(wal.get("start")); at < position(wal.get("end")); at += bytes) {
                expected.add(at / bytes);
            }
            assertThat(segments.stream().map(name -> number(name, bytes)).toList())
                    .as("segments of " + manifest.get("id"))
                    .isEqualTo(expected);
            for (JsonNode artifact : manifest.get("artifacts")) {
                Path folder = repository
                        .resolve("wal")
                        .resolve(manifest.get("systemIdentifier").asText())
                        .resolve(wal.get("chain").asText());
                assertThat(folder.resolve(artifact.get("name").asText()))
                        .hasSize(artifact.get("bytes").asLong());
            }
            before = manifest;
        }
    }

    /** That everything since the first base belongs together, so that there is one window without a gap. */
    void assertOneChain() throws IOException {
        String first = bases().get(0).get("id").asText();
        assertThat(bases())
                .extracting(manifest -> manifest.at("/physical/chain").asText())
                .containsOnly(first);
        assertThat(incrementals())
                .extracting(manifest -> manifest.at("/wal/chain").asText())
                .containsOnly(first);
    }

    /** The names of an incremental's segments in the log's order, without what packing added to them. */
    List<String> segments(JsonNode incremental) {
        return StreamSupport.stream(incremental.get("artifacts").spliterator(), false)
                .filter(artifact -> artifact.get("content").asText().equals("wal"))
                .map(artifact -> artifact.get("name").asText().replaceFirst("\\..*", ""))
                .sorted(Comparator.comparing(name -> name.substring(8)))
                .toList();
    }

    private static long number(String segment, long bytes) {
        return Long.parseLong(segment.substring(8, 16), 16) * (0x1_0000_0000L / bytes)
                + Long.parseLong(segment.substring(16), 16);
    }

    private static long position(JsonNode lsn) {
        String[] halves = lsn.asText().split("/");
        return Long.parseLong(halves[0], 16) << 32 | Long.parseLong(halves[1], 16);
    }

    private List<JsonNode> manifests(String kind) throws IOException {
        Path folder = repository.resolve(kind);
        if (Files.notExists(folder)) {
            return List.of();
        }
        List<JsonNode> found = new ArrayList<>();
        for (Path cluster : Aftermath.entries(folder)) {
            for (Path backup : Aftermath.entries(cluster)) {
                Path manifest = backup.resolve("manifest.json");
                if (Files.exists(manifest)) { // what has none does not exist
                    found.add(JSON.readTree(manifest.toFile()));
                }
            }
        }
        found.sort(Comparator.comparing(manifest -> manifest.get("id").asText()));
        return found;
    }
}
