package io.bactrian.acceptance;

import static io.bactrian.acceptance.LoudFailure.assertDone;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A database with a history: a base, changes, a moment to come back to, a table dropped by mistake, an incremental. What the
 * tests of point-in-time recovery have in common.
 *
 * @param repository with all of it
 * @param moment when the table was still there
 */
record PitrScene(Postgres postgres, String database, Path repository, String moment) {
    static final String ROWS = "SELECT count(*) || ' ' || sum(id) FROM caravan";

    static PitrScene play(Postgres postgres, String database, Path repository) throws Exception {
        Slots.bound(postgres);
        postgres.createDatabase(database);
        postgres.sql(
                database,
                "CREATE TABLE caravan (id int PRIMARY KEY, load text NOT NULL)",
                "CREATE TABLE oasis (name text PRIMARY KEY, depth int)",
                "SELECT pg_switch_wal()",
                "CHECKPOINT",
                "INSERT INTO oasis VALUES ('Siwa', 18), ('Dakhla', 120)",
                "INSERT INTO caravan SELECT i, md5(i::text) FROM generate_series(1, 5000) i");
        PitrScene before = new PitrScene(postgres, database, repository, null);
        assertDone(before.backups().run("full"));
        postgres.sql(database, "INSERT INTO caravan SELECT i, md5(i::text) FROM generate_series(5001, 7000) i");
        String moment = now(postgres);
        postgres.sql(database, "INSERT INTO caravan SELECT i, md5(i::text) FROM generate_series(7001, 7100) i");
        postgres.sql(database, "DROP TABLE oasis");
        assertDone(before.backups().run("incremental"));
        return new PitrScene(postgres, database, repository, moment);
    }

    static String now(Postgres postgres) throws Exception {
        return postgres.value(
                "postgres",
                "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')");
    }

    /** With the least-privilege role. */
    Program backups() {
        return Program.of(repository, postgres.backupUrl(database)).with("BACKUP_PITR", "on");
    }

    /** With a role that may create databases. */
    Program recoveries(Path temporary) {
        return Program.of(repository, postgres.adminUrl(database)).with("BACKUP_TEMP_DIR", temporary.toString());
    }

    /** A directory that the account of the server may pass through. */
    static Path passable(Path folder) throws IOException {
        folder.toFile().setExecutable(true, false);
        return folder;
    }

    List<Path> files(String below, String ending) throws IOException {
        try (Stream<Path> files = Files.walk(repository.resolve(below))) {
            return files.filter(file -> file.toString().endsWith(ending))
                    .sorted()
                    .toList();
        }
    }
}
