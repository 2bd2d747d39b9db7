package io.bactrian.repository;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InventoryTest {
    private static final String BASE = "base/7564738291029384756/base_2025-01-01T02-00-40-000Z";
    private static final String INCREMENTAL = "incremental/7564738291029384756/incremental_2025-01-01T06-00-00-000Z";
    private static final String DAMAGED = "full/full_2025-01-01T02-00-00-123Z";

    @TempDir
    private Path root;

    private Map<String, Path> files(String... paths) {
        return Stream.of(paths).collect(Collectors.toMap(path -> path, root::resolve));
    }

    @Test
    void what_has_a_manifest_is_listed_and_what_cannot_be_read_is_named() throws IOException {
        store(BASE, "/base-v1.json");
        store(INCREMENTAL, "/incremental-v1.json");
        Files.createDirectories(root.resolve(DAMAGED));
        Files.writeString(root.resolve(DAMAGED).resolve("manifest.json"), "{");

        Inventory inventory = Inventory.read(files(
                INCREMENTAL + "/manifest.json",
                INCREMENTAL + "/manifest.json.sig",
                DAMAGED + "/manifest.json",
                BASE + "/manifest.json",
                "full/full_2025-01-02T02-00-00-000Z/database.dump.zst.pgp",
                "wal/7564738291029384756/base_2025-01-01T02-00-40-000Z/manifest.json"));

        assertThat(inventory.manifests())
                .extracting(manifest -> manifest.id().text())
                .containsExactly("base_2025-01-01T02-00-40-000Z", "incremental_2025-01-01T06-00-00-000Z");
        assertThat(inventory.unreadable()).extracting(BackupId::text).containsExactly("full_2025-01-01T02-00-00-123Z");
    }

    @Test
    void an_outline_is_as_large_as_the_backup_and_enough_to_build_chains_from() throws IOException {
        store(INCREMENTAL, "/incremental-v1.json");
        Manifest whole = Json.mapper()
                .readValue(root.resolve(INCREMENTAL).resolve("manifest.json").toFile(), Manifest.class);

        Manifest outline = Inventory.read(files(INCREMENTAL + "/manifest.json"))
                .manifests()
                .get(0);

        assertThat(outline.storedBytes()).isEqualTo(whole.storedBytes());
        assertThat(ChainCheck.fault(outline)).isEmpty();
        assertThat(outline.wal()).isEqualTo(whole.wal());
    }

    private void store(String folder, String example) throws IOException {
        Files.createDirectories(root.resolve(folder));
        try (InputStream in = InventoryTest.class.getResourceAsStream(example)) {
            Files.copy(in, root.resolve(folder).resolve("manifest.json"));
        }
    }

    @Test
    void a_base_that_retention_may_have_removed_is_told_from_one_that_is_lost_or_damaged() {
        SampleChain chain = SampleChain.begunAt(0);
        BackupId old = BackupId.base(SampleChain.at(0));
        Manifest younger = chain.base(60, 1, 5, 5);
        Inventory without = new Inventory(List.of(younger), List.of());

        assertThat(without.lacksAsRetentionAllows(old, SampleChain.at(30))).isTrue();
        assertThat(without.lacksAsRetentionAllows(old, SampleChain.at(0)))
                .as("still in the window")
                .isFalse();
        assertThat(new Inventory(List.of(), List.of()).lacksAsRetentionAllows(old, SampleChain.at(30)))
                .as("the newest base always stays")
                .isFalse();
        assertThat(new Inventory(List.of(younger), List.of(old)).lacksAsRetentionAllows(old, SampleChain.at(30)))
                .as("damaged")
                .isFalse();
        assertThat(without.lacksAsRetentionAllows(younger.id(), SampleChain.at(90)))
                .as("it is there")
                .isFalse();
    }
}
