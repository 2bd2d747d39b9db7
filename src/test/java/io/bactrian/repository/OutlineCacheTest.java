package io.bactrian.repository;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cache never changes a result, whatever happened to it. */
class OutlineCacheTest {
    private static final String BASE = "base/7564738291029384756/base_2025-01-01T02-00-40-000Z/manifest.json";
    private static final String INCREMENTAL =
            "incremental/7564738291029384756/incremental_2025-01-01T06-00-00-000Z/manifest.json";

    @TempDir
    private Path root;

    private Map<String, Path> store() throws IOException {
        store(BASE, "/base-v1.json");
        store(INCREMENTAL, "/incremental-v1.json");
        return Map.of(BASE, root.resolve(BASE), INCREMENTAL, root.resolve(INCREMENTAL));
    }

    private void store(String path, String resource) throws IOException {
        Files.createDirectories(root.resolve(path).getParent());
        try (InputStream in = OutlineCacheTest.class.getResourceAsStream(resource)) {
            Files.copy(in, root.resolve(path));
        }
    }

    private Path cache() {
        return root.resolve(".cache/outlines.tsv");
    }

    @Test
    void what_was_read_before_is_the_same_from_the_cache() throws IOException {
        Map<String, Path> files = store();
        Inventory cold = Inventory.read(files, new OutlineCache(root));

        assertThat(new OutlineCache(root).find(files.get(BASE).toFile())).isPresent();
        assertThat(Inventory.read(files, new OutlineCache(root))).isEqualTo(cold);
        assertThat(Inventory.read(files)).isEqualTo(cold);
        assertThat(cache()).isRegularFile();
        assertThat(java.nio.file.attribute.PosixFilePermissions.toString(Files.getPosixFilePermissions(cache())))
                .isEqualTo("rw-------");
    }

    @Test
    void a_manifest_that_was_changed_is_read_again() throws IOException {
        Map<String, Path> files = store();
        Inventory.read(files, new OutlineCache(root));
        File base = files.get(BASE).toFile();

        Files.writeString(base.toPath(), "{");

        assertThat(new OutlineCache(root).find(base)).isEmpty();
        assertThat(Inventory.read(files, new OutlineCache(root)).unreadable()).hasSize(1);
    }

    @Test
    void any_flipped_byte_and_any_end_costs_time_only() throws IOException {
        Map<String, Path> files = store();
        Inventory truth = Inventory.read(files, new OutlineCache(root));
        byte[] whole = Files.readAllBytes(cache());
        Random random = new Random(1);
        for (int i = 0; i < 500; i++) {
            byte[] damaged = whole.clone();
            damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            Files.write(
                    cache(),
                    random.nextBoolean() ? damaged : java.util.Arrays.copyOf(whole, random.nextInt(whole.length)));

            assertThat(Inventory.read(files, new OutlineCache(root))).isEqualTo(truth);
        }
    }

    @Test
    void only_what_was_authenticated_counts_as_that() throws IOException {
        File base = store().get(BASE).toFile();
        Manifest manifest = Json.mapper().readValue(base, Manifest.class);
        OutlineCache cache = new OutlineCache(root);
        cache.add(base, manifest, false);
        cache.save();
        assertThat(new OutlineCache(root).find(base).orElseThrow().authentic()).isFalse();

        cache.add(base, manifest, true);
        cache.save();
        assertThat(new OutlineCache(root).find(base).orElseThrow().authentic()).isTrue();
    }

    @Test
    void where_nothing_can_be_written_there_is_no_cache_and_no_failure() throws IOException {
        Map<String, Path> files = store();
        Files.writeString(root.resolve(".cache"), "in the way");

        assertThat(Inventory.read(files, new OutlineCache(root)).manifests()).hasSize(2);
    }
}
