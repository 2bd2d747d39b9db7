package io.bactrian.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.RouteEdit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.commons.io.file.PathUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Retention by the real program. What it decides is proven by {@code RetentionPropertiesTest}; here is what it does. */
class CleanupIT {
    private static final String URL = "postgresql://nobody@localhost:1/none";
    private static final int SIGKILLED = 137;

    @TempDir
    private Path folder;

    private OldRepository repository() {
        return new OldRepository(folder.resolve("repository"));
    }

    private Program program() {
        return Program.of(repository().root(), URL).without("BACKUP_ENCRYPTION_KEY");
    }

    private List<String> backupsOfAYear() throws IOException {
        List<String> ids = new ArrayList<>();
        for (int day = 365; day >= 0; day -= 5) {
            ids.add(repository().full(Duration.ofDays(day).plusHours(1)));
        }
        return ids;
    }

    @Test
    void a_dry_run_deletes_nothing_and_tells_each_item_with_the_reason() throws Exception {
        List<String> ids = backupsOfAYear();
        List<Path> before = repository().files();

        Program.Outcome outcome = program().run("cleanup", "--dry-run");

        assertThat(outcome.exitCode()).as(outcome.toString()).isZero();
        assertThat(outcome.out())
                .contains("delete  full/" + ids.get(0) + "  ", "older than 30 days")
                .contains(
                        "keep    full/" + ids.get(ids.size() - 1) + "  ", "the newest restorable full of its database")
                .contains("Would delete: ");
        assertThat(repository().files()).isEqualTo(before);
        assertThat(repository().root().resolve("history.jsonl")).doesNotExist();
        assertThat(program().run("cleanup", "--dry-run").out())
                .as("the same with a warm cache")
                .isEqualTo(outcome.out());
    }

    @Test
    void what_no_rule_keeps_goes_with_all_its_files_and_the_rest_is_untouched() throws Exception {
        List<String> ids = backupsOfAYear();
        Path orphan = Files.createDirectories(repository().root().resolve("full/full_2020-01-01T00-00-00-000Z"));
        Files.writeString(orphan.resolve("database.dump"), "never finished");
        Files.setLastModifiedTime(
                orphan.resolve("database.dump"),
                java.nio.file.attribute.FileTime.from(Instant.parse("2020-01-01T00:00:00Z")));
        Files.writeString(repository().root().resolve("full/README"), "not ours");

        Program.Outcome outcome =
                program().with("BACKUP_RETENTION_MONTHLY", "12").run("cleanup");

        assertThat(outcome.exitCode()).as(outcome.toString()).isZero();
        List<String> left = repository().fulls();
        assertThat(left).contains(ids.get(ids.size() - 1)).hasSizeBetween(6 + 9, 6 + 12);
        assertThat(orphan).doesNotExist();
        assertThat(repository().root().resolve("full/README")).exists();
        assertThat(repository().files()).hasSize(left.size() * 5 + 1);
        assertThat(Files.readString(repository().root().resolve("history.jsonl")))
                .contains("\"activity\":\"cleanup\"");
        assertThat(program()
                        .with("BACKUP_RETENTION_MONTHLY", "12")
                        .run("cleanup")
                        .out())
                .contains("Deleted: 0 of 0");
    }

    @Test
    void what_killed_writes_left_beside_backups_goes_after_a_day_and_nothing_else_with_it() throws Exception {
        backupsOfAYear();
        Instant now = Instant.now();
        Path key = file("keys/aa.public.asc", now.minus(Duration.ofDays(365)));
        Path old = file("keys/aa.public.asc.x6f0021fd00b7e62d.unfinished", now.minus(Duration.ofDays(2)));
        Path young = file("keys/aa.secret.asc.x7e0021fd00b7e62d.unfinished", now.minus(Duration.ofHours(2)));
        Path identity = file("repository.json", now.minus(Duration.ofDays(365)));
        Path oldIdentity = file("repository.json.x9e0021fd00b7e62d.unfinished", now.minus(Duration.ofDays(2)));
        Path youngIdentity = file("repository.json.xae0021fd00b7e62d.unfinished", now.minus(Duration.ofHours(2)));
        Path lease = file("leases/1-2.json.x8e0021fd00b7e62d.unfinished", now.minus(Duration.ofDays(2)));

        Program.Outcome outcome = program().run("cleanup");

        assertThat(outcome.exitCode()).as(outcome.toString()).isZero();
        assertThat(old).doesNotExist();
        assertThat(oldIdentity).doesNotExist();
        assertThat(lease).doesNotExist();
        assertThat(youngIdentity).exists();
        assertThat(identity).hasContent("half of it");
        assertThat(young).exists();
        assertThat(key).exists();
    }

    private Path file(String path, Instant written) throws IOException {
        Path file = repository().root().resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "half of it");
        return Files.setLastModifiedTime(file, java.nio.file.attribute.FileTime.from(written));
    }

    @Test
    void killed_at_any_moment_it_leaves_whole_backups_only_and_the_next_one_goes_on() throws Exception {
        Random random = new Random(1);
        for (int round = 0; round < 4; round++) {
            for (int i = 0; i < 400; i++) {
                repository().full(Duration.ofDays(40).plusMinutes(i * 7L + round));
            }
            String newest = repository().full(Duration.ofMinutes(5));
            int left = 100 + random.nextInt(300);
            Process cleanup = program().start("cleanup");
            while (cleanup.isAlive() && manifests() > left) {
                Thread.onSpinWait();
            }
            cleanup.destroyForcibly();
            assertThat(cleanup.waitFor(30, TimeUnit.SECONDS)).isTrue();

            assertThat(cleanup.exitValue()).isIn(0, SIGKILLED);
            assert_every_backup_is_whole();
            assertThat(repository().fulls()).contains(newest);

            Program.Outcome next = program().run("cleanup");
            assertThat(next.exitCode()).as(next.toString()).isZero();
            assertThat(repository().fulls()).hasSizeLessThanOrEqualTo(round + 3).contains(newest);
        }
    }

    private long manifests() throws IOException {
        try (var folders = Files.list(repository().root().resolve("full"))) {
            return folders.filter(f -> Files.exists(f.resolve("manifest.json"))).count();
        }
    }

    private void assert_every_backup_is_whole() throws IOException {
        for (String id : repository().fulls()) {
            try (var files = Files.list(repository().root().resolve("full").resolve(id))) {
                assertThat(files).as(id).hasSize(5);
            }
        }
    }

    @Test
    void nothing_goes_while_a_backup_is_in_the_future() throws Exception {
        backupsOfAYear();
        repository().full(Duration.ofDays(-1));
        List<Path> before = repository().files();

        Program.Outcome outcome = program().run("cleanup");

        LoudFailure.assertFailed(outcome, 3, "the clock looks wrong");
        assertThat(repository().files()).isEqualTo(before);
    }

    @Test
    void a_backup_whose_manifest_was_changed_is_not_ours_and_stays() throws Exception {
        List<String> ids = backupsOfAYear();
        Path manifest = repository().root().resolve("full/" + ids.get(0) + "/manifest.json");
        Files.writeString(manifest, Files.readString(manifest).replace("shop", "shoq"));

        Program.Outcome outcome = program().run("cleanup");

        assertThat(outcome.exitCode()).as(outcome.toString()).isZero();
        assertThat(outcome.out()).contains("keep    full/" + ids.get(0));
        assertThat(repository().fulls()).contains(ids.get(0)).doesNotContain(ids.get(1));
    }

    @Test
    void what_a_dry_run_remembers_is_no_proof_for_a_cleanup_that_deletes() throws Exception {
        List<String> ids = backupsOfAYear();
        Path folder = repository().root().resolve("full/" + ids.get(0));
        Path manifest = folder.resolve("manifest.json");
        assertThat(program().run("cleanup", "--dry-run").out()).contains("delete  full/" + ids.get(0));
        FileTime written = Files.getLastModifiedTime(manifest);
        Files.writeString(manifest, Files.readString(manifest).replace("shop", "shoq"));
        Files.setLastModifiedTime(manifest, written); // as if it were the same file

        assertThat(program().run("cleanup").out()).contains("keep    full/" + ids.get(0));
        assertThat(repository().fulls()).contains(ids.get(0)).doesNotContain(ids.get(1));
    }

    @Test
    void a_dry_run_remembers_no_manifest_that_nothing_vouches_for_any_more() throws Exception {
        List<String> ids = backupsOfAYear();
        assertThat(program().run("cleanup", "--dry-run").exitCode()).isZero();
        Path folder = repository().root().resolve("full/" + ids.get(0));
        Files.deleteIfExists(folder.resolve("manifest.json.sha256"));
        Files.deleteIfExists(folder.resolve("manifest.json.sig"));

        assertThat(program().run("cleanup", "--dry-run").out())
                .containsPattern("keep +full/" + ids.get(0) + " .*nothing vouches for its manifest");
    }

    @Test
    void what_a_restore_reads_stays_until_its_lease_expires() throws Exception {
        List<String> ids = backupsOfAYear();
        lease("one", ids.get(0), Instant.now().plusSeconds(600));
        lease("two", ids.get(1), Instant.now().minusSeconds(600));

        Program.Outcome outcome = program().run("cleanup");

        assertThat(outcome.exitCode()).as(outcome.toString()).isZero();
        assertThat(repository().fulls()).contains(ids.get(0)).doesNotContain(ids.get(1));
        assertThat(repository().root().resolve("leases/one.json")).exists();
        assertThat(repository().root().resolve("leases/two.json")).doesNotExist();
    }

    private void lease(String id, String backup, Instant until) throws IOException {
        Path leases = Files.createDirectories(repository().root().resolve("leases"));
        Files.writeString(
                leases.resolve(id + ".json"),
                "{\"id\":\"" + id + "\",\"activity\":\"restore\",\"host\":\"h\",\"backups\":[\"" + backup
                        + "\"],\"until\":\"" + until + "\"}");
    }

    @Test
    void what_somebody_begins_to_read_while_others_are_deleted_stays() throws Exception {
        List<String> ids = backupsOfAYear();
        Program program = program().installedIn(folder.resolve("installation"));
        new RouteEdit(folder.resolve("installation/routes"))
                .add("cleanup.camel.yaml", "cleanup-delete-gone", """
                        - setHeader:
                            id: test-lease-path
                            name: CamelFileName
                            constant:
                              expression: leases/late.json
                        - setBody:
                            id: test-lease-text
                            constant:
                              expression: '{"id":"late","activity":"restore","host":"h","backups":["%s"],"until":"%s"}'
                        - bean:
                            id: test-lease
                            ref: localStore
                            method: put
                        """.formatted(
                                ids.get(5), Instant.now().plusSeconds(600)));

        Program.Outcome outcome = program.run("cleanup");

        assertThat(outcome.exitCode()).as(outcome.toString()).isZero();
        assertThat(outcome.out()).contains("Deleted: 1 of ");
        assertThat(repository().fulls()).contains(ids.get(5)).doesNotContain(ids.get(0));
    }

    @Test
    void a_lease_that_is_given_back_while_cleanup_looks_fails_nothing() throws Exception {
        backupsOfAYear();
        lease("one", repository().fulls().get(0), Instant.now().plusSeconds(600));
        Program program = program().installedIn(folder.resolve("installation"));
        new RouteEdit(folder.resolve("installation/routes")).add("cleanup.camel.yaml", "cleanup-lease-path", """
                        - bean:
                            id: test-give-back
                            ref: localStore
                            method: delete
                        """);

        Program.Outcome outcome = program.run("cleanup");

        assertThat(outcome.exitCode()).as(outcome.toString()).isZero();
        assertThat(repository().fulls()).hasSize(6);
    }

    @Test
    void a_sound_copy_stays_where_the_test_of_another_copy_failed_or_came_to_no_end() throws Exception {
        List<String> ids = backupsOfAYear();
        String old = ids.get(0);
        String older = ids.get(1);
        Path installation = folder.resolve("installation");
        Program program = program()
                .with("BACKUP_STORES", "other")
                .with("BACKUP_RETENTION_MIN_FULL", "100")
                .installedIn(installation);
        Mirror other = new Mirror("other", folder.resolve("other")).addTo(installation);
        PathUtils.copyDirectory(repository().root(), other.root());
        Files.writeString(other.root().resolve("full/" + old + "/database.dump"), "damaged");

        LoudFailure.assertFailed(
                program.run("test", old, "--from", "other", "--level", "checksum"), 4, "database.dump");
        new RouteEdit(installation.resolve("routes")).exchange("store-other.camel.yaml", "store-other-get-do", """
                - choice:
                    id: store-other-get-which
                    when:
                      - id: store-other-get-away
                        simple:
                          expression: ${header.CamelFileName} contains 'database.dump'
                        steps:
                          - throwException:
                              id: store-other-get-failed
                              exceptionType: java.net.ConnectException
                              message: Connection refused
                    otherwise:
                      id: store-other-get-here
                      steps:
                        - bean:
                            id: store-other-get-do
                            ref: otherStore
                            method: get
                """);
        LoudFailure.assertFailed(
                program.run("test", older, "--from", "other", "--level", "checksum"), 1, "Connection refused");

        Program.Outcome outcome = program.run("cleanup");

        assertThat(outcome.exitCode()).as(outcome.toString()).isZero();
        assertThat(repository().fulls()).as("here").contains(old, older);
        assertThat(new OldRepository(other.root()).fulls())
                .as("there")
                .contains(older)
                .doesNotContain(old);
    }

    @Test
    void only_one_cleanup_runs_at_a_time() throws Exception {
        backupsOfAYear();
        Path lock = repository().root().resolve(".cleanup.lock");
        try (var channel = java.nio.channels.FileChannel.open(
                        lock, java.nio.file.StandardOpenOption.CREATE, java.nio.file.StandardOpenOption.WRITE);
                var held = channel.lock()) {
            assertThat(held.isValid()).isTrue();
            LoudFailure.assertFailed(program().run("cleanup"), 75, "another cleanup run is at work");
            assertThat(program().run("cleanup", "--dry-run").exitCode()).isZero();
        }
    }

    @Test
    void a_store_that_lists_folders_only_is_cleaned_all_the_same() throws Exception {
        backupsOfAYear();
        Path installation = folder.resolve("installation");
        Program program = program().with("BACKUP_STORES", "plain").installedIn(installation);
        Mirror plain = new Mirror("plain", folder.resolve("plain")).addTo(installation);
        PathUtils.copyDirectory(repository().root(), plain.root());
        Path routes = installation.resolve("routes/store-plain.camel.yaml");
        String list = Files.readString(routes);
        new RouteEdit(routes.getParent()).exchange("store-plain.camel.yaml", "store-plain-list-do", """
                - choice:
                    id: store-plain-list-which
                    when:
                      - id: store-plain-list-file
                        simple:
                          expression: ${header.CamelFileName} == 'repository.json'
                        steps:
                          - throwException:
                              id: store-plain-list-refused
                              exceptionType: java.nio.file.NotDirectoryException
                              message: repository.json
                    otherwise:
                      id: store-plain-list-folder
                      steps:
                        - bean:
                            id: store-plain-list-do
                            ref: plainStore
                            method: list
                """);
        assertThat(routes).content().isNotEqualTo(list);

        Program.Outcome outcome = program.run("cleanup");

        assertThat(outcome.exitCode()).as(outcome.toString()).isZero();
        assertThat(new OldRepository(plain.root()).fulls()).hasSize(6);
    }

    @Test
    void a_store_that_refuses_deletion_is_told_of_and_the_others_are_cleaned() throws Exception {
        backupsOfAYear();
        Path installation = folder.resolve("installation");
        Program program = program().with("BACKUP_STORES", "frozen").installedIn(installation);
        Mirror frozen = new Mirror("frozen", folder.resolve("frozen")).addTo(installation);
        PathUtils.copyDirectory(repository().root(), frozen.root());
        Path routes = installation.resolve("routes/store-frozen.camel.yaml");
        Files.writeString(
                routes,
                Files.readString(routes)
                        .replaceFirst(
                                "- bean:(\\s+id: store-frozen-delete-do)\\s+ref: frozenStore(\\s+)method: delete",
                                "- throwException:$1$2exceptionType: java.io.IOException$2message: deletion is not allowed here"));

        Program.Outcome outcome = program.run("cleanup");

        LoudFailure.assertFailed(outcome, 1, "frozen: deletion is not allowed here");
        assertThat(outcome.out()).contains("Store local", "Store frozen", "Deleted: 0 of ");
        assertThat(repository().fulls()).as("the local store was cleaned").hasSize(6);
    }
}
