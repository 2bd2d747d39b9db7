package io.bactrian.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.io.file.PathUtils;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Every backup goes to every store, and what one store lacks another has. */
@ExtendWith(Postgres.Shared.class)
class ReplicateIT {
    private static final String DATABASE = "replicated";
    private static final String TARGET = "replicated_restored";
    private static final int SIGKILLED = 137;

    @TempDir
    private Path folder;

    private Path repository;
    private Mirror mirror;
    private Program program;

    @BeforeEach
    void a_second_store_from_yaml_alone(Postgres postgres) throws Exception {
        if (!postgres.exists(DATABASE)) {
            postgres.createDatabase(DATABASE);
            postgres.sql(
                    DATABASE,
                    "CREATE TABLE hump AS SELECT i, md5(i::text) AS t FROM generate_series(1, 3000) i",
                    "ALTER SYSTEM SET max_slot_wal_keep_size = '1GB'",
                    "SELECT pg_reload_conf()");
        }
        postgres.sql("postgres", "DROP DATABASE IF EXISTS " + TARGET);
        repository = folder.resolve("repository");
        Path installation = folder.resolve("installation");
        program = Program.of(repository, postgres.backupUrl(DATABASE))
                .installedIn(installation)
                .with("BACKUP_STORES", "mirror");
        mirror = new Mirror("mirror", folder.resolve("mirror")).addTo(installation);
    }

    private Program administrator(Postgres postgres) {
        return program.with("DATABASE_URL", postgres.adminUrl(DATABASE));
    }

    private static List<String> files(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> root.relativize(file).toString())
                    .filter(path -> !path.startsWith(".") && !path.endsWith(".log") && !path.startsWith("history"))
                    .sorted()
                    .toList();
        }
    }

    private static Program.Outcome done(Program.Outcome outcome) {
        assertThat(outcome.exitCode()).as(outcome.toString()).isZero();
        return outcome;
    }

    @Test
    void a_copy_alone_is_enough_on_a_new_machine(Postgres postgres) throws Exception {
        assertThat(done(program.run("full")).out()).contains("Stores: mirror complete");
        postgres.sql(DATABASE, "INSERT INTO hump VALUES (0, 'after the full')");
        assertThat(done(program.run("incremental")).out()).contains("Stores: mirror complete");
        assertThat(files(mirror.root())).isEqualTo(files(repository));
        assertThat(done(program.run("status")).out()).contains("mirror  4 backups  complete");

        PathUtils.deleteDirectory(repository);

        assertThat(done(program.run("status")).out())
                .contains("Health Status: HEALTHY", "Total Backups: 2", "Recovery window: ");
        assertThat(done(program.run("test")).out()).contains("passed");
        Program restoring = administrator(postgres);
        done(restoring.run("restore", "latest", TARGET));
        assertThat(postgres.value(TARGET, "SELECT count(*) FROM hump")).isEqualTo("3000");
        postgres.sql("postgres", "DROP DATABASE " + TARGET);
        done(restoring.run("pitr", "latest", TARGET));
        assertThat(postgres.value(TARGET, "SELECT count(*) FROM hump")).isEqualTo("3001");
    }
}
