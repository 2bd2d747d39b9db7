package io.bactrian.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunningBackupsTest {
    private static final String MOMENT = "2025-01-02T02:00:00.000Z";

    @TempDir
    private Path root;

    private final Clock stopped = Clock.fixed(Instant.parse(MOMENT), ZoneOffset.UTC);

    private LocalStore store() {
        return new LocalStore(root, stopped);
    }

    @Test
    void two_that_begin_at_the_same_moment_have_different_ids() throws IOException {
        RunningBackups running = store().running();
        try (RunningBackups.Running one = running.begin(BackupId::full);
                RunningBackups.Running other = running.begin(BackupId::full);
                RunningBackups.Running base = running.begin(BackupId::base)) {
            assertThat(one.id()).hasToString("full_2025-01-02T02-00-00-000Z");
            assertThat(other.id()).hasToString("full_2025-01-02T02-00-00-001Z");
            assertThat(base.id()).hasToString("base_2025-01-02T02-00-00-000Z");
            assertThat(running.all()).containsExactly(base.id(), one.id(), other.id());
        }
        assertThat(running.all()).isEmpty();
        assertThat(root.resolve(".running")).isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(strings = {"full/full_2025-01-02T02-00-00-000Z", "base/7000/base_2025-01-02T02-00-00-000Z"})
    void an_id_that_was_given_before_is_not_given_again(String stored) throws IOException {
        Files.createDirectories(root.resolve(stored));

        try (RunningBackups.Running next =
                store().running().begin(stored.startsWith("full") ? BackupId::full : BackupId::base)) {
            assertThat(next.id().text()).endsWith("2025-01-02T02-00-00-001Z");
        }
    }

    @Test
    void what_a_running_backup_has_written_is_not_cleared_and_what_a_killed_one_left_is() throws IOException {
        LocalStore store = store();
        Path killed = Files.createDirectories(root.resolve("full/full_2025-01-01T02-00-00-000Z"));
        Path lockOfKilled =
                Files.createDirectories(root.resolve(".running")).resolve(".full_2025-01-01T02-00-00-000Z.lock");
        Files.createFile(lockOfKilled);
        try (RunningBackups.Running running = store.running().begin(BackupId::full)) {
            Path dump = Files.createDirectories(root.resolve(Layout.full(running.id())))
                    .resolve("database.dump" + DurableFile.UNFINISHED);
            Files.writeString(dump, "half");

            assertThat(store.clearUnfinished(Layout.FULL)).containsExactly("full/" + killed.getFileName());

            assertThat(dump).exists();
            assertThat(lockOfKilled).doesNotExist();
        }
        assertThat(store.clearUnfinished(Layout.FULL)).hasSize(1);
    }

    @Test
    void a_backup_that_is_being_written_cannot_be_held_twice() throws IOException {
        BackupId id = BackupId.full(Instant.parse(MOMENT));
        try (RunningBackups.Running held = store().running().hold(id).orElseThrow()) {
            assertThat(store().running().hold(id)).isEmpty();
        }
        store().running().hold(id).orElseThrow().close();
    }

    @Test
    void fulls_of_two_databases_do_not_lock_each_other_out_and_two_of_one_do() throws IOException {
        try (RunLock shop = Exclusive.full(root, "shop");
                RunLock odd = Exclusive.full(root, "../a b*/ö")) {
            assertThatThrownBy(() -> Exclusive.full(root, "shop")).isInstanceOfSatisfying(Failure.class, busy -> {
                assertThat(busy.exitCode()).isEqualTo(ExitCode.BUSY);
                assertThat(busy).hasMessage("another full run of shop is at work in " + root);
            });
            try (var files = Files.list(root)) {
                assertThat(files.map(file -> file.getFileName().toString()))
                        .containsExactlyInAnyOrder(".full-shop.lock", ".full-..%2Fa+b%2A%2F%C3%B6.lock");
            }
        }
        Exclusive.full(root, "shop").close();
    }
}
