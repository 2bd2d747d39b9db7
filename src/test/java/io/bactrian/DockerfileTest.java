package io.bactrian;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What can be held true of the image where no container engine runs. */
class DockerfileTest {
    private static final Path PROJECT = Path.of("").toAbsolutePath();

    @Test
    void every_source_that_it_copies_exists() throws IOException {
        assertThat(copies().filter(copy -> !copy.contains("--from="))
                        .flatMap(DockerfileTest::sources)
                        .map(PROJECT::resolve))
                .isNotEmpty()
                .allSatisfy(source -> assertThat(source).exists());
    }

    @Test
    void what_it_takes_from_the_build_stage_is_what_maven_makes() throws IOException {
        assertThat(copies().filter(copy -> copy.contains("--from=build")).flatMap(DockerfileTest::sources))
                .containsExactly("/src/target/bactrian.jar", "/src/target/lib");
    }

    @Test
    void routes_and_settings_lie_beside_the_jar_where_they_can_be_mounted_over() throws IOException {
        assertThat(copies().flatMap(DockerfileTest::sources)).contains("routes", "application.properties");
    }

    @Test
    void it_does_not_run_as_root() throws IOException {
        assertThat(instructions().filter(line -> line.startsWith("USER "))).containsExactly("USER bactrian");
    }

    private static Stream<String> copies() throws IOException {
        return instructions().filter(line -> line.startsWith("COPY "));
    }

    private static Stream<String> instructions() throws IOException {
        return Files.readAllLines(PROJECT.resolve("docker/Dockerfile")).stream().map(String::strip);
    }

    /** Between the instruction with its options and the target, which stands last. */
    private static Stream<String> sources(String copy) {
        List<String> words = Arrays.stream(copy.split("\\s+"))
                .skip(1)
                .filter(word -> !word.startsWith("--"))
                .toList();
        return words.subList(0, words.size() - 1).stream();
    }
}
