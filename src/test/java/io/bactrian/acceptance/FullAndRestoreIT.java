package io.bactrian.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The main job, from end to end. */
@ExtendWith(Postgres.Shared.class)
class FullAndRestoreIT {
    @TempDir
    private Path folder;

    @Test
    void a_full_backup_restores_as_a_database_that_equals_the_original(Postgres postgres) throws Exception {
        postgres.createDatabase("main_job");
        postgres.sql(
                "main_job",
                "CREATE TABLE customer (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL)",
                "INSERT INTO customer (name) SELECT 'customer ' || i FROM generate_series(1, 5000) i");
        Program backup = Program.of(folder, postgres.backupUrl("main_job"));

        Program.Outcome full = backup.run("full");
        assertThat(full.exitCode()).as(full.toString()).isZero();
        assertThat(full.out()).contains("Proof: 1 tables, 5000 rows", "Tested: database.dump.zst.pgp");

        Program.Outcome restored =
                Program.of(folder, postgres.adminUrl("postgres")).run("restore", full.backupId(), "main_job_restored");
        assertThat(restored.exitCode()).as(restored.toString()).isZero();
        assertThat(restored.out()).contains("public.customer", "5000", "Restored as database \"main_job_restored\"");
        assertThat(postgres.dump("main_job_restored")).isEqualTo(postgres.dump("main_job"));
    }

    @Test
    void status_begins_with_the_seven_lines_that_the_system_before_printed(Postgres postgres) throws Exception {
        postgres.createDatabase("seven_lines");
        Program program = Program.of(folder, postgres.backupUrl("seven_lines"));
        assertThat(program.run("full").exitCode()).isZero();

        Program.Outcome status = program.run("status", "--exit-code");

        assertThat(status.exitCode()).isZero();
        assertThat(status.out().lines().limit(7))
                .satisfiesExactly(
                        line -> assertThat(line).isEqualTo("=== BACKUP STATUS ==="),
                        line -> assertThat(line).isEqualTo("Health Status: HEALTHY"),
                        line -> assertThat(line).isEqualTo("Total Backups: 1"),
                        line -> assertThat(line).matches("Total Size: [0-9.]+ (Bytes|KB)"),
                        line -> assertThat(line)
                                .matches("Last Backup: \\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z"),
                        line -> assertThat(line).matches("Last Backup Size: [0-9.]+ (Bytes|KB)"),
                        line -> assertThat(line).matches("Last Backup Duration: [0-9]+(ms|s)"));
    }

    @Test
    void timeouts_made_for_applications_end_neither_backup_nor_restore(Postgres postgres) throws Exception {
        postgres.createDatabase("hasty");
        postgres.sql("hasty", "CREATE TABLE t AS SELECT generate_series(1, 1000000) i");
        postgres.sql(
                "postgres",
                "ALTER DATABASE hasty SET statement_timeout = '30ms'",
                "ALTER DATABASE hasty SET idle_in_transaction_session_timeout = '1ms'");

        Program.Outcome full = Program.of(folder, postgres.backupUrl("hasty")).run("full");
        assertThat(full.exitCode()).as(full.toString()).isZero();
        Program.Outcome restored =
                Program.of(folder, postgres.adminUrl("hasty")).run("restore", "latest", "hasty_restored");
        assertThat(restored.exitCode()).as(restored.toString()).isZero();
    }

    @Test
    void files_are_private(Postgres postgres) throws Exception {
        postgres.createDatabase("private");
        assertThat(Program.of(folder.resolve("repository"), postgres.backupUrl("private"))
                        .run("full")
                        .exitCode())
                .isZero();
        try (var files = Files.walk(folder.resolve("repository"))) {
            assertThat(files)
                    .allSatisfy(path -> assertThat(
                                    Files.getPosixFilePermissions(path).toString())
                            .doesNotContain("GROUP", "OTHERS"));
        }
    }
}
