package io.bactrian.acceptance;

import static io.bactrian.acceptance.Aftermath.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.ExitCode;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What a role cannot read is refused or named before the dump, never left out in silence. */
@ExtendWith(Postgres.Shared.class)
class UnreadableIT {
    private static final String DATABASE = "unreadable";
    private static final String ROLE = "reader_of_little";

    @TempDir
    private Path folder;

    @Test
    void everything_unreadable_is_named_at_once_and_what_only_superusers_see_is_warned_of(Postgres postgres)
            throws Exception {
        postgres.createDatabase(DATABASE);
        postgres.sql(
                DATABASE,
                "CREATE ROLE " + ROLE + " LOGIN PASSWORD 'little-canary'",
                "CREATE TABLE policed AS SELECT 1 AS i",
                "ALTER TABLE policed ENABLE ROW LEVEL SECURITY",
                "GRANT SELECT ON policed TO " + ROLE,
                "CREATE SCHEMA closed",
                "CREATE TABLE closed.hidden AS SELECT 1 AS i",
                "GRANT SELECT ON closed.hidden TO " + ROLE,
                "SELECT lo_from_bytea(424242, 'not for everybody')",
                "CREATE SUBSCRIPTION newspaper CONNECTION 'dbname=elsewhere' PUBLICATION p"
                        + " WITH (connect = false, slot_name = NONE)");
        try {
            Path repository = folder.resolve("repository");
            Program program = Program.of(repository, postgres.cluster().url(ROLE, "little-canary", DATABASE));
            assertRefused(
                    program.run("full"),
                    ExitCode.PRECONDITION,
                    "policed",
                    "BYPASSRLS",
                    "closed.hidden",
                    "pg_read_all_data",
                    "424242",
                    "GRANT SELECT ON LARGE OBJECT");
            assertThat(Aftermath.entries(repository.resolve("full"))).isEmpty();

            postgres.sql(
                    DATABASE,
                    "ALTER ROLE " + ROLE + " BYPASSRLS",
                    "GRANT USAGE ON SCHEMA closed TO " + ROLE,
                    "GRANT SELECT ON LARGE OBJECT 424242 TO " + ROLE);
            Program.Outcome full = program.run("full");
            assertThat(full.exitCode()).as(full.toString()).isZero();
            assertThat(full.err().lines().filter(line -> line.startsWith("Warning: ")))
                    .anyMatch(line -> line.contains("newspaper"))
                    .anyMatch(line -> line.contains("without their passwords"));
            Aftermath.assertNothingHalfMade(repository);
        } finally {
            postgres.sql(
                    DATABASE, "DROP SUBSCRIPTION IF EXISTS newspaper", "DROP OWNED BY " + ROLE, "DROP ROLE " + ROLE);
        }
    }
}
