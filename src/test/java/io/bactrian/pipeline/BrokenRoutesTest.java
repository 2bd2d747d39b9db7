package io.bactrian.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import io.bactrian.RouteEdit;
import io.bactrian.config.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever is wrong with a route, the start says in which file and line, and what to do. */
class BrokenRoutesTest {
    private static final String GLOBALS = "globals.camel.yaml";

    @TempDir
    private Path home;

    private Path routes;

    @BeforeEach
    void copy_the_routes() throws IOException {
        routes = Files.createDirectory(home.resolve("routes"));
        try (var files = Files.list(Path.of("routes"))) {
            for (Path file : files.toList()) {
                Files.copy(file, routes.resolve(file.getFileName()));
            }
        }
    }

    @Test
    void whole_routes_start() {
        try (Pipeline started = start()) {
            assertThat(started).isNotNull();
        }
    }

    @ParameterizedTest(name = "{0} instead of {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "- baen:             | - bean:                | Unknown node id: baen",
                "metod: globals      | method: globals        | Unsupported field: metod",
                "method: globls      | method: globals        | Method with name: globls not found",
                "ref: artifcat       | ref: artifact          | there is no bean \"artifcat\"",
                "ref: camel          | ref: artifact          | there is no bean \"camel\"",
                "bindign:            | binding:               | the component exec has no parameter \"bindign\"",
                "'\"#postgresTol\"'  | '\"#postgresTool\"'    | there is no bean \"postgresTol\"",
                "uri: exce:pg        | uri: exec:pg           | there is no component \"exce\"",
                "uri: drect          | uri: direct            | drect",
                "name: pakc          | name: pack             | no route begins with direct:pakc",
                "id: globals-from    | id: globals-pack       | the id \"globals-from\" is taken by ",
                "id: compress        | id: globals-pack       | the id \"compress\" is taken by ",
                "Option} {{backup.x}}| Option}                | backup.x",
                "Option              | Option}                | expected symbol functionEnd",
            })
    void a_mistake_in_a_route(String wrong, String right, String why) throws IOException {
        new RouteEdit(routes).replace(GLOBALS, right, wrong);

        Failure failure = refused();

        assertThat(failure).hasMessageContaining(why);
        assertThat(failure.getMessage()).containsPattern("globals\\.camel\\.yaml:[0-9]+");
    }

    @Test
    void yaml_that_cannot_be_read_is_named_by_the_line_where_reading_stopped() throws IOException {
        new RouteEdit(routes).replace(GLOBALS, "        - bean:", "       - bean:");

        assertThat(refused()).hasMessageStartingWith(routes.resolve(GLOBALS) + ":19: ");
    }

    @Test
    void two_routes_of_one_id_are_both_named() throws IOException {
        new RouteEdit(routes).replace(GLOBALS, "\n    id: globals\n", "\n    id: dump\n");

        assertThat(refused())
                .hasMessage(routes.resolve("dump.camel.yaml") + ":2 and " + routes.resolve(GLOBALS)
                        + ":2: two routes of one id");
    }

    @Test
    void a_near_miss_gets_the_word_that_was_meant() throws IOException {
        new RouteEdit(routes).replace(GLOBALS, "ref: artifact", "ref: artifcat");

        assertThat(refused().hint()).isEqualTo("Did you mean artifact?");
    }

    @Test
    void a_mistake_in_the_route_for_failures_is_found_before_something_fails() throws IOException {
        new RouteEdit(routes).replace("failure.camel.yaml", "name: failed", "name: fialed");

        assertThat(refused()).hasMessageContaining("failure.camel.yaml:");
    }

    @Test
    void a_mistake_in_a_branch_for_errors_is_found_where_it_stands() throws IOException {
        String right = "ref: checks\n                      method: storeFailed";
        new RouteEdit(routes).replace("check.camel.yaml", right, right.replace("checks", "cheks"));

        assertThat(refused()).hasMessageContaining("check.camel.yaml:").hasMessageContaining("no bean \"cheks\"");
    }

    @ParameterizedTest
    @CsvSource({"globals.camel.yaml,''", "globals.camel.yaml,hello", "globals.yaml,'- route:'", "more.camel.yaml,a: b"})
    void a_file_that_holds_no_route(String name, String content) throws IOException {
        Files.writeString(routes.resolve(name), content);

        assertThat(refused()).hasMessageStartingWith(routes.resolve(name) + ":1: ");
    }

    @Test
    void a_file_of_beans_alone_is_fine() throws IOException {
        Files.writeString(
                routes.resolve("beans.camel.yaml"), "- beans:\n    - name: extra\n      type: java.lang.Object\n");

        try (Pipeline started = start()) {
            assertThat(started).isNotNull();
        }
    }

    @Test
    void what_happens_on_failure_may_stand_in_the_file_of_the_routes() throws IOException {
        String further = Files.readString(routes.resolve("failure.camel.yaml")).replace(" failure-", " globals-");
        Files.writeString(routes.resolve(GLOBALS), further, StandardOpenOption.APPEND);

        try (Pipeline started = start()) {
            assertThat(started).isNotNull();
        }
    }

    @Test
    void a_command_whose_route_is_gone_is_refused() throws IOException {
        Files.delete(routes.resolve("status.camel.yaml"));

        try (Pipeline started = start()) {
            Failure failure = catchThrowableOfType(Failure.class, () -> started.call("status", Map.of()));
            assertThat(failure.exitCode()).isEqualTo(ExitCode.USAGE);
            assertThat(failure).hasMessage("there is no route \"status\"");
        }
    }

    private Failure refused() {
        Failure failure = catchThrowableOfType(Failure.class, () -> start().close());
        assertThat(failure).isNotNull();
        assertThat(failure.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(failure.hint()).isNotBlank();
        assertThat(failure.getMessage()).doesNotContain("\n");
        return failure;
    }

    private Pipeline start() {
        return Pipeline.start(Settings.read(home, Map.of()), Clock.systemUTC(), false);
    }
}
