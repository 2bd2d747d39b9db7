package io.bactrian.acceptance;

import static io.bactrian.acceptance.Aftermath.assertRefused;
import static io.bactrian.acceptance.LoudFailure.assertDone;
import static io.bactrian.acceptance.LoudFailure.assertFailed;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Two databases of one cluster and one of another, in one repository. */
@ExtendWith(Postgres.Shared.class)
class SeveralDatabasesIT {
    private static final int SIGKILLED = 137;
    private static Postgres other;

    @TempDir
    private Path folder;

    private final ChildProcesses children = new ChildProcesses();

    @BeforeAll
    static void three_databases_in_two_clusters(Postgres postgres) throws Exception {
        other = Postgres.start();
        for (Postgres server : List.of(postgres, other)) {
            Slots.bound(server);
        }
        for (String name : List.of("crm", "shop")) {
            fill(postgres, name);
        }
        fill(other, "people");
    }

    private static void fill(Postgres server, String database) throws Exception {
        server.createDatabase(database);
        server.sql(database, "CREATE TABLE whose AS SELECT '" + database + "' AS name");
    }

    @AfterAll
    static void stop_the_second_cluster() throws Exception {
        other.close();
    }

    @BeforeEach
    void a_file_for_each(Postgres postgres) throws IOException {
        database("crm", "database.url = " + postgres.backupUrl("crm"));
        database("hr", "database.url = " + other.backupUrl("people") + "\nbackup.compression = gzip");
        database("shop", "database.url = " + postgres.backupUrl("shop"));
    }

    private void database(String name, String properties) throws IOException {
        Files.createDirectories(folder.resolve("databases"));
        Path file = Files.writeString(folder.resolve("databases/" + name + ".properties"), properties);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    @AfterEach
    void nothing_runs_and_no_slot_is_left(Postgres postgres) throws Exception {
        children.assertAllEnded();
        Slots.dropAll(postgres);
        Slots.dropAll(other);
    }

    private Path repository() {
        return folder.resolve("repository");
    }

    private Program program() {
        return children.of(Program.of(repository(), "")
                .without("DATABASE_URL")
                .with("BACKUP_DATABASES", folder.resolve("databases").toString()));
    }

    @Test
    void each_is_backed_up_and_those_of_a_cluster_share_base_and_log(Postgres postgres) throws Exception {
        Program.Outcome first = program().run("full", "--no-test");
        assertDone(first);
        assertThat(lines(first, "Database: ")).hasSize(3);
        assertThat(folders("base")).as("one for each cluster").hasSize(2);
        assertDone(program().run("full", "--no-test"));
        assertThat(folders("base")).as("one more for each in the second round").hasSize(4);

        Program.Outcome incremental = program().run("incremental");
        assertDone(incremental);
        assertThat(lines(incremental, "Incremental backup "))
                .as("one for each cluster")
                .hasSize(2);

        Program.Outcome status = program().run("status");
        assertThat(status.out().lines().limit(3))
                .containsExactly("=== BACKUP STATUS ===", "Health Status: HEALTHY", "Total Backups: 8");
        assertThat(lines(status, "  crm  HEALTHY  full_")).hasSize(1);
        assertThat(lines(status, "  hr  HEALTHY  full_")).hasSize(1);
        assertThat(lines(status, "  shop  HEALTHY  full_")).hasSize(1);
        assertThat(program().run("status", "--json").out()).contains("\"databases\" : [");

        Program.Outcome tested = program().run("test", "latest");
        assertDone(tested);
        assertThat(lines(tested, "Backup full_")).as("the newest of each").hasSize(3);

        assertRefused(program().run("restore", "latest", "copy"), ExitCode.USAGE, "crm, hr, shop", "--database NAME");
        restores(postgres, "crm", "crm");
        restores(other, "hr", "people");
        Program elsewhere = Program.of(repository(), postgres.adminUrl("postgres"));
        assertRefused(elsewhere.run("restore", "latest", "copy"), ExitCode.USAGE, "crm, hr, shop");
        assertDone(elsewhere.run("restore", "latest", "from_elsewhere", "--database", "hr"));
        assertThat(postgres.value("from_elsewhere", "SELECT name FROM whose")).isEqualTo("people");
        assertDone(program().run("cleanup"));
    }

    private void restores(Postgres server, String name, String content) throws Exception {
        database(name, "database.url = " + server.adminUrl(content));
        assertDone(program().run("restore", "latest", "copy", "--database", name));
        assertThat(server.value("copy", "SELECT name FROM whose")).isEqualTo(content);
    }

    @Test
    void one_that_fails_harms_no_other_and_is_named() throws Exception {
        database("hr", "database.url = postgresql://nobody@127.0.0.1:1/people");

        Program.Outcome full = program().run("full", "--no-test");

        assertFailed(full, ExitCode.PRECONDITION.number(), "Error: hr: ");
        assertThat(lines(full, "Database: ")).as("also the one after it").hasSize(2);
        Program.Outcome status = program().run("status", "--exit-code");
        assertThat(status.exitCode()).isEqualTo(2);
        assertThat(status.out())
                .contains("! there is no backup of hr", "  hr  UNHEALTHY  no backup", "  shop  HEALTHY  full_");
        assertRefused(program().run("full", "--database", "hrm"), ExitCode.USAGE, "no database hrm", "crm, hr, shop");
    }

    @Test
    void what_a_database_has_of_its_own_goes_before_the_environment_in_routes_too() throws Exception {
        database("hr", "database.url = " + other.backupUrl("people") + "\nbackup.format = plain");
        Program misled = program().with("BACKUP_FORMAT", "custom");

        Program.Outcome full = misled.run("full", "--database", "hr");

        assertDone(full);
        assertThat(full.out()).as("what pg_dump was told, too").contains("Tested: database.sql.");
    }

    @Test
    void fulls_of_two_processes_run_side_by_side_and_a_killed_one_harms_no_other() throws Exception {
        Process crm = program().start("full", "--no-test", "--database", "crm");
        Program.Running slow = Program.Running.of(crm);
        awaitFolders(1, crm);
        ChildProcesses.Marked.signal(crm.pid(), "STOP");
        try {
            assertDone(program().run("full", "--no-test", "--database", "hr"));
            assertRefused(program().run("full", "--database", "crm"), ExitCode.BUSY, "another full run of crm");
            killWhileItWrites("shop");
            Program.Outcome again = program().run("full", "--no-test", "--database", "shop");
            assertDone(again);
            assertThat(again.err()).contains("Cleared what a killed run left");
            assertThat(folders("full")).as("crm at work, hr and shop").hasSize(3);
        } finally {
            ChildProcesses.Marked.signal(crm.pid(), "CONT");
        }
        assertDone(slow.outcome());

        assertThat(folders("full")).hasSize(3);
        Aftermath.assertNothingHalfMade(repository());
        assertDone(program().run("test", "--all"));
        assertRefused(
                program().run("test", "--all", "--database", "hr"), ExitCode.USAGE, "--all", "Leave --database out");
    }

    private void killWhileItWrites(String name) throws Exception {
        ChildProcesses own = new ChildProcesses();
        int before = folders("full").size();
        Process process = own.of(program()).start("full", "--no-test", "--database", name);
        Program.Running running = Program.Running.of(process);
        awaitFolders(before + 1, process);
        process.destroyForcibly();
        assertThat(running.outcome().exitCode()).isEqualTo(SIGKILLED);
        own.assertAllEnded();
        assertThat(folders("full")).hasSize(before + 1);
    }

    /** The last of them is being written then: it has no manifest yet. */
    private void awaitFolders(int count, Process run) {
        org.awaitility.Awaitility.await()
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .atMost(Duration.ofMinutes(1))
                .failFast("it never wrote anything", () -> !run.isAlive())
                .until(() -> folders("full").size() == count);
    }

    private static List<String> lines(Program.Outcome outcome, String beginning) {
        return outcome.out().lines().filter(line -> line.startsWith(beginning)).toList();
    }

    /** The backups of a kind, whole or not. */
    private List<Path> folders(String kind) throws IOException {
        Path folder = repository().resolve(kind);
        if (Files.notExists(folder)) {
            return List.of();
        }
        try (var found = Files.walk(folder, kind.equals("full") ? 1 : 2)) {
            return found.filter(path -> path.getFileName().toString().startsWith(kind + "_"))
                    .filter(Files::isDirectory)
                    .toList();
        }
    }
}
