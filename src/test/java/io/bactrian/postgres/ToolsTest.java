package io.bactrian.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against programs that tell a version and do nothing else. */
class ToolsTest {
    @TempDir
    private Path root;

    @Test
    void the_servers_own_version_is_preferred() throws IOException {
        List<Path> places = List.of(install("18.1"), install("15.4 (Debian 15.4-1)"), install("16beta2"));
        assertThat(Tools.locate(places, Optional.empty(), 15, new ToolVersions())
                        .version())
                .isEqualTo("15.4");
        assertThat(Tools.locate(places, Optional.empty(), 16, new ToolVersions())
                        .version())
                .isEqualTo("16beta2");
        assertThat(Tools.locate(places, Optional.empty(), 16, new ToolVersions())
                        .major())
                .isEqualTo(16);
    }

    @Test
    void otherwise_the_lowest_newer_one_is_taken() throws IOException {
        List<Path> places = List.of(install("18.1"), install("13.4"), install("16.2"));
        assertThat(Tools.locate(places, Optional.empty(), 14, new ToolVersions())
                        .version())
                .isEqualTo("16.2");
    }

    @Test
    void older_programs_than_the_server_are_refused_with_both_versions() throws IOException {
        Failure failure = refusal(List.of(install("13.4"), install("14.1")), Optional.empty());
        assertThat(failure.exitCode()).isEqualTo(ExitCode.PRECONDITION);
        assertThat(failure).hasMessageContaining("14.1").hasMessageContaining("PostgreSQL 15");
        assertThat(failure.hint()).contains("apt-get install postgresql-client-15");
    }

    @Test
    void missing_programs_are_reported_with_what_to_type() {
        Failure failure = refusal(List.of(root), Optional.empty());
        assertThat(failure.exitCode()).isEqualTo(ExitCode.PRECONDITION);
        assertThat(failure).hasMessage("pg_dump was not found");
        assertThat(failure.hint()).contains("apt-get install postgresql-client-15");
    }

    @Test
    void a_configured_directory_is_named_where_it_holds_none() {
        assertThat(refusal(List.of(root), Optional.of(root))).hasMessageContaining("BACKUP_PG_BIN_DIR=" + root);
    }

    @Test
    void a_program_missing_among_the_others_is_named() throws IOException {
        Tools tools = Tools.locate(Optional.of(install("15.4")), 15);
        assertThat(tools.program("pg_dump")).isExecutable();
        assertThat(catchThrowableOfType(Failure.class, () -> tools.program("pg_restore")))
                .hasMessageContaining("pg_restore is missing");
        assertThat(catchThrowableOfType(Failure.class, () -> tools.program("initdb"))
                        .hint())
                .contains("apt-get install postgresql-15");
    }

    @Test
    void debians_wrapper_and_broken_programs_are_passed_over() throws IOException {
        Path wrapper = install("15.4");
        Files.move(wrapper.resolve("pg_dump"), wrapper.resolve("pg_wrapper"));
        Files.createSymbolicLink(wrapper.resolve("pg_dump"), wrapper.resolve("pg_wrapper"));
        Path broken = install("nonsense");
        Files.writeString(broken.resolve("pg_dump"), "#!/no/such/interpreter\n");
        List<Path> places = List.of(wrapper, broken, install("17.1"));
        assertThat(Tools.locate(places, Optional.empty(), 15, new ToolVersions())
                        .version())
                .isEqualTo("17.1");
    }

    @Test
    void a_program_is_asked_for_its_version_once_and_again_after_an_upgrade() throws IOException {
        ToolVersions versions = new ToolVersions();
        Path dump = install("15.4").resolve("pg_dump");
        Path asked = root.resolve("asked");
        Files.writeString(dump, "#!/bin/sh\necho x >> " + asked + "\necho 'pg_dump (PostgreSQL) 15.4'\n");
        assertThat(versions.of(dump)).contains("15.4");
        assertThat(versions.of(dump)).contains("15.4");
        assertThat(asked).hasContent("x");

        Files.writeString(dump, "#!/bin/sh\necho 'pg_dump (PostgreSQL) 15.18'\n");
        assertThat(versions.of(dump)).contains("15.18");
    }

    @Test
    void a_program_that_could_not_answer_is_asked_again() throws IOException {
        ToolVersions versions = new ToolVersions();
        Path repaired = root.resolve("repaired");
        Path dump = install("15.4").resolve("pg_dump");
        Files.writeString(dump, "#!/bin/sh\ncat " + repaired + "\n");
        assertThat(versions.of(dump)).isEmpty();
        Files.writeString(repaired, "pg_dump (PostgreSQL) 15.4\n");
        assertThat(versions.of(dump)).contains("15.4");
    }

    private Failure refusal(List<Path> places, Optional<Path> binDir) {
        return catchThrowableOfType(Failure.class, () -> Tools.locate(places, binDir, 15, new ToolVersions()));
    }

    private Path install(String version) throws IOException {
        Path directory = Files.createTempDirectory(root, "bin");
        Path program = Files.writeString(
                directory.resolve("pg_dump"), "#!/bin/sh\necho 'pg_dump (PostgreSQL) " + version + "'\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        return directory;
    }
}
