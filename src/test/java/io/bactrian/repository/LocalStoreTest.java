package io.bactrian.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every store must do, tried on the local one. */
class LocalStoreTest {
    private static final String ID = "full_2025-01-01T02-00-00-000Z";
    private static final String DUMP = "full/" + ID + "/database.dump";
    private static final String MANIFEST = "full/" + ID + "/manifest.json";

    @TempDir
    private Path folder;

    private Path root;
    private LocalStore store;

    @BeforeEach
    void begin_with_nothing() {
        root = folder.resolve("not/yet/there");
        store = new LocalStore(root, Clock.fixed(Instant.parse("2025-01-01T00:00:00Z"), ZoneOffset.UTC));
    }

    @Test
    void what_was_put_is_got_and_is_private() throws IOException {
        put(DUMP, "content");

        assertThat(store.get(DUMP)).hasContent("content");
        assertThat(permissions(root.resolve(DUMP))).isEqualTo("rw-------");
        assertThat(permissions(root.resolve("full").resolve(ID))).isEqualTo("rwx------");
        assertThat(permissions(root)).isEqualTo("rwx------");
    }

    @Test
    void the_listing_of_a_file_is_what_killed_writes_left_of_it() throws IOException {
        put("repository.json", "whole");
        put("repository.json.x1f.unfinished", "half");
        put("repository.json.unfinished", "half");
        put("repository.jsonl.x1f.unfinished", "of another");

        assertThat(store.list("repository.json"))
                .containsExactly("repository.json.unfinished", "repository.json.x1f.unfinished");
    }

    @Test
    void putting_again_replaces() throws IOException {
        put(DUMP, "first and longer");
        put(DUMP, "second");

        assertThat(store.get(DUMP)).hasContent("second");
        assertThat(store.list("full")).containsExactly(DUMP);
    }

    @Test
    void a_body_that_fails_half_way_leaves_nothing_and_is_closed() throws IOException {
        AtomicBoolean closed = new AtomicBoolean();
        InputStream failing = new SequenceInputStream(stream("half"), new InputStream() {
            @Override
            public int read() {
                throw Failure.running("pg_dump was killed", "Run it again.");
            }
        });
        InputStream watched = new FilterInputStream(failing) {
            @Override
            public void close() throws IOException {
                closed.set(true);
                super.close();
            }
        };

        assertThatThrownBy(() -> store.put(DUMP, watched)).hasMessage("pg_dump was killed");

        assertThat(closed).isTrue();
        assertThat(store.list("full")).isEmpty();
    }

    @Test
    void a_body_that_fails_keeps_the_file_that_was_there() throws IOException {
        put(DUMP, "whole");
        InputStream failing = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("the reader's own story");
            }
        };

        assertThatThrownBy(() -> store.put(DUMP, failing)).hasMessage("the reader's own story");

        assertThat(store.get(DUMP)).hasContent("whole");
    }

    @Test
    void what_is_missing_is_an_integrity_failure_that_names_it() {
        assertThatThrownBy(() -> store.get(DUMP)).isInstanceOfSatisfying(Failure.class, failure -> {
            assertThat(failure.exitCode()).isEqualTo(ExitCode.INTEGRITY);
            assertThat(failure).hasMessageContaining(DUMP);
        });
    }

    @Test
    void lists_the_paths_of_files_below_a_folder_in_order() throws IOException {
        put(MANIFEST, "{}");
        put(DUMP, "d");
        put("keys/public.asc", "k");

        assertThat(store.list("full")).containsExactly(DUMP, MANIFEST);
        assertThat(store.list("keys")).containsExactly("keys/public.asc");
        assertThat(store.list("base")).isEmpty();
    }

    @Test
    void deletes_a_file_and_the_folder_that_it_leaves_empty() throws IOException {
        put(DUMP, "d");
        put(MANIFEST, "{}");

        store.delete(DUMP);
        assertThat(store.list("full")).containsExactly(MANIFEST);
        store.delete(MANIFEST);
        store.delete(MANIFEST);
        assertThat(root.resolve("full").resolve(ID)).doesNotExist();
    }

    @Test
    void a_hostile_path_reaches_no_operation() throws IOException {
        Path outside = Files.writeString(folder.resolve("outside"), "mine");
        for (String path : List.of("../../../outside", outside.toString())) {
            assertThatThrownBy(() -> put(path, "x")).isInstanceOf(Failure.class);
            assertThatThrownBy(() -> store.get(path)).isInstanceOf(Failure.class);
            assertThatThrownBy(() -> store.list(path)).isInstanceOf(Failure.class);
            assertThatThrownBy(() -> store.delete(path)).isInstanceOf(Failure.class);
        }
        assertThat(outside).hasContent("mine");
    }

    @Test
    void what_killed_runs_left_is_cleared_and_whole_backups_stay() throws IOException {
        String killed = "full/full_2025-01-02T02-00-00-000Z";
        put(DUMP, "d");
        put(MANIFEST, "{}");
        put(killed + "/database.dump", "half a backup");
        Files.writeString(root.resolve(DUMP + DurableFile.UNFINISHED), "half a file");
        Files.writeString(root.resolve("full/" + ID + ".sql.gz" + DurableFile.UNFINISHED), "x");
        Files.createSymbolicLink(root.resolve(killed + ".sql.gz"), Path.of("nowhere"));
        Files.writeString(root.resolve("full/notes.txt"), "somebody's own");

        assertThat(store.clearUnfinished(Layout.FULL))
                .containsExactlyInAnyOrder(
                        killed,
                        killed + ".sql.gz",
                        DUMP + DurableFile.UNFINISHED,
                        "full/" + ID + ".sql.gz" + DurableFile.UNFINISHED);

        assertThat(store.list("full")).containsExactly(DUMP, MANIFEST, "full/notes.txt");
        assertThat(store.clearUnfinished(Layout.FULL)).isEmpty();
    }

    @Test
    void only_a_backup_without_manifest_can_be_discarded() throws IOException {
        put(DUMP, "d");
        assertThat(store.discard(Layout.full(new BackupId(ID)))).isTrue();
        assertThat(store.discard(Layout.full(new BackupId(ID)))).isFalse();

        put(DUMP, "d");
        put(MANIFEST, "{}");
        assertThat(store.discard(Layout.full(new BackupId(ID)))).isFalse();
        assertThat(store.list("full")).containsExactly(DUMP, MANIFEST);
    }

    @Test
    void describes_the_repository_once() throws IOException {
        store.describe();
        byte[] first = Files.readAllBytes(root.resolve("repository.json"));
        new LocalStore(root, Clock.systemUTC()).describe();

        assertThat(root.resolve("repository.json")).hasBinaryContent(first);
        assertThat(new String(first, StandardCharsets.UTF_8))
                .contains("\"format\" : 1", "\"created\" : \"2025-01-01T00:00:00Z\"");
    }

    private void put(String path, String content) throws IOException {
        assertThat(store.put(path, stream(content))).hasContent(content);
    }

    private static InputStream stream(String content) {
        return new ByteArrayInputStream(content.getBytes(StandardCharsets.UTF_8));
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
