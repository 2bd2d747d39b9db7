package io.bactrian.acceptance;

import static io.bactrian.acceptance.Aftermath.assertNothingHalfMade;
import static io.bactrian.acceptance.Aftermath.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.ExitCode;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What people get wrong on the command line and in the settings: a clear error, a hint, the exit code, nothing left behind. */
@ExtendWith(Postgres.Shared.class)
class BadInputIT {
    private static final String NOWHERE = "postgresql://bactrian:pw-canary-1234@127.0.0.1:1/app";

    @TempDir
    private Path folder;

    @AfterEach
    void nothing_is_left_behind() throws Exception {
        assertNothingHalfMade(repository());
        try (var files = Files.walk(folder)) {
            assertThat(files.map(Path::getFileName).map(Path::toString)).doesNotContain("touched");
        }
    }

    private Path repository() {
        return folder.resolve("repository");
    }

    private Program program(String url) {
        return Program.of(repository(), url);
    }

    @ParameterizedTest
    @CsvSource({
        "'', DATABASE_URL",
        "mysql://app:pw-canary-1234@localhost/app, DATABASE_URL",
        "localhost/app, DATABASE_URL",
        "postgresql://app:pw-canary-1234@localhost:port/app, port",
        "postgresql://app:pw-canary-1234@localhost:99999/app, port",
        "postgresql://app:pw-canary-1234%zz@localhost/app, percent",
        "postgresql://app:pw-canary-1234@localhost/app?sslmod=require, sslmod",
    })
    void a_missing_or_malformed_url_is_named_without_its_password(String url, String word) throws Exception {
        Program.Outcome outcome = program(url).run("full");
        assertRefused(outcome, ExitCode.USAGE, word);
        assertThat(outcome.out() + outcome.err()).doesNotContain("pw-canary-1234");
    }

    @Test
    void a_server_that_refuses_is_named_with_its_reason(Postgres postgres) throws Exception {
        postgres.createDatabase("refusing");
        String right = postgres.backupUrl("refusing");
        assertRefused(
                program(right.replaceFirst(":[^:@]+@", ":wrong-password@")).run("full"),
                ExitCode.PRECONDITION,
                "password authentication failed");
        assertRefused(
                program(postgres.backupUrl("no_such_database")).run("full"),
                ExitCode.PRECONDITION,
                "no_such_database",
                "does not exist");
        assertRefused(program(NOWHERE).run("full"), ExitCode.PRECONDITION, "127.0.0.1:1", "refused");
        assertRefused(
                program("postgresql://bactrian@no-such-host.invalid/app").run("full"),
                ExitCode.PRECONDITION,
                "host name is not known");
        assertThat(Aftermath.entries(repository().resolve("full"))).isEmpty();
    }

    @Test
    void missing_programs_are_named_with_the_place_that_was_searched(Postgres postgres) throws Exception {
        postgres.createDatabase("no_programs");
        Path empty = Files.createDirectory(folder.resolve("empty"));
        Program.Outcome outcome = program(postgres.backupUrl("no_programs"))
                .with("BACKUP_PG_BIN_DIR", empty.toString())
                .run("full");
        assertRefused(outcome, ExitCode.PRECONDITION, "pg_dump", empty.toString());
    }

    @ParameterizedTest
    @CsvSource({
        "BACKUP_COMPRESSION_LEVEL, 0, BACKUP_COMPRESSION_LEVEL",
        "BACKUP_COMPRESSION_LEVEL, 10, BACKUP_COMPRESSION_LEVEL",
        "BACKUP_COMPRESSION_LEVEL, x, BACKUP_COMPRESSION_LEVEL",
        "BACKUP_COMPRESSION, lzma, lzma",
        "BACKUP_FORMAT, directory, directory",
        "BACKUP_ENCRYPTION_FORMAT, rot13, rot13",
        "BACKUP_PROOF, maybe, BACKUP_PROOF",
        "BACKUP_LOCK_TIMEOUT, soon, BACKUP_LOCK_TIMEOUT",
        "BACKUP_COMPRESION, gzip, BACKUP_COMPRESSION",
        "BACKUP_ENCRYPTION_KEY, short, BACKUP_ENCRYPTION_KEY",
        "BACKUP_ENCRYPTION_KEY, aaaaaaaaaaaaaaaaaaaaaaaaaaaa, uniform",
        "BACKUP_ENCRYPTION_KEY_FILE, /no/such/file, both",
    })
    void a_setting_that_cannot_be_meant_stops_the_start(String name, String value, String word) throws Exception {
        Program.Outcome outcome = program(NOWHERE).with(name, value).run("full");
        assertRefused(outcome, ExitCode.USAGE, word);
        assertThat(repository().resolve("full")).doesNotExist();
        assertThat(outcome.out() + outcome.err()).doesNotContain("aaaaaaaaaaaaaaaa", Program.PASSPHRASE);
    }

    @Test
    void a_missing_key_file_is_a_missing_precondition() throws Exception {
        assertRefused(
                program(NOWHERE)
                        .without("BACKUP_ENCRYPTION_KEY")
                        .with("BACKUP_ENCRYPTION_KEY_FILE", "/no/such/file")
                        .run("full"),
                ExitCode.PRECONDITION,
                "BACKUP_ENCRYPTION_KEY_FILE",
                "/no/such/file");
    }

    @Test
    void a_setting_that_nobody_knows_is_warned_of() throws Exception {
        Program.Outcome outcome =
                program(NOWHERE).with("BACKUP_COFFEE_STRENGTH", "9").run("status");
        assertThat(outcome.exitCode()).as(outcome.toString()).isZero();
        assertThat(outcome.err()).contains("BACKUP_COFFEE_STRENGTH is not a setting");
    }

    @Test
    void a_command_line_that_makes_no_sense_shows_how_it_is_meant() throws Exception {
        Program program = program(NOWHERE);
        assertRefused(program.run(), ExitCode.USAGE, "command");
        assertRefused(program.run("fool"), ExitCode.USAGE, "fool");
        assertRefused(program.run("full", "--fast"), ExitCode.USAGE, "--fast");
        assertRefused(program.run("full", "surplus"), ExitCode.USAGE, "surplus");
        assertRefused(program.run("test", "--level", "deep"), ExitCode.USAGE, "deep");
        assertRefused(program.run("restore"), ExitCode.USAGE, "ID");
        assertRefused(program.run("restore", "latest", "--jobs", "0"), ExitCode.USAGE, "--jobs");
        assertRefused(program.run("restore", "latest", "x", "--drop-old"), ExitCode.USAGE, "--drop-old");
        assertRefused(program.run("restore", "latest", "x", "--table", "a.b.c"), ExitCode.USAGE, "a.b.c");
        assertRefused(program.run("pitr", "latest", "x", "--table", "\"a"), ExitCode.USAGE, "\"a");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../../etc",
                "/etc/passwd",
                "$(touch touched)",
                "`touch touched`",
                "; touch touched",
                "full_2025-01-01T02-00-00-000Z/../../keys",
                "full_\n2025",
                "",
                " ",
                "--replace",
                "-",
                "full_2025*",
            })
    void a_hostile_id_is_refused(String id) throws Exception {
        Program.Outcome outcome = program(NOWHERE).run("test", "--", id);
        assertRefused(outcome, ExitCode.USAGE, "that is not the id of a backup", "full_2025-01-01T02-00-00-000Z");
    }

    @Test
    void restore_refuses_a_hostile_id_or_file_before_it_asks_the_server() throws Exception {
        Program program = program(NOWHERE);
        assertRefused(program.run("restore", "../../etc"), ExitCode.USAGE, "that is not the id of a backup");
        assertRefused(program.run("restore", "../no.sql"), ExitCode.PRECONDITION, "cannot read", "no.sql");
        assertRefused(program.run("restore", "latest", ""), ExitCode.USAGE, "target database is empty");
    }

    @Test
    void an_id_that_is_unknown_or_begins_several_backups_is_refused(Postgres postgres) throws Exception {
        Program nothing = program(NOWHERE);
        assertRefused(nothing.run("test"), ExitCode.PRECONDITION, "there is no backup");
        assertRefused(nothing.run("test", "--all"), ExitCode.PRECONDITION, "there is no backup");
        assertRefused(nothing.run("restore", "latest"), ExitCode.PRECONDITION, "there is no backup");

        postgres.createDatabase("two_backups");
        Program program = program(postgres.backupUrl("two_backups"));
        String first = program.run("full", "--no-test").backupId();
        String second = program.run("full", "--no-test").backupId();
        assertRefused(
                program.run("test", "full_1999-01-01T00-00-00-000Z"),
                ExitCode.PRECONDITION,
                "full_1999-01-01T00-00-00-000Z",
                second);
        String common = first.substring(0, 10);
        assertRefused(program.run("restore", common, "x"), ExitCode.USAGE, common, first, second);
        assertThat(program.run("test", second.substring(0, second.length() - 1)).exitCode())
                .isZero();
    }
}
