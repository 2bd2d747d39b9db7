package io.bactrian.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** {@code docs/configuration.md} is made from {@link Setting}. */
class ConfigurationDocTest {
    private static final Path FILE = Path.of("docs/configuration.md");
    private static final String UPDATE = "bactrian.update-docs";

    private static final String HEAD = """
            # Configuration

            An environment variable goes before `application.properties`, and that before the default. In `application.properties` and
            in routes the same name stands in lower case with dots: `BACKUP_LOG_FILE` is `backup.log.file`, and a route reads it as
            `{{backup.log.file}}`. An empty value is as good as none.

            A bad value stops the program before it has done anything, and so does a near miss of a name (`BACKUP_COMPRESION`). Any
            other unknown `BACKUP_…` name is warned of, unless a route uses it: that is how your own routes get settings.

            Secrets are never shown, logged or passed to routes. Keep them out of `application.properties`.

            | variable | default | |
            | --- | --- | --- |
            """;

    private static final String FOOT = """

            The launcher has variables of its own (`BACTRIAN_HEAP` and others); the head of the file `bactrian` describes them.
            """;

    @Test
    void the_page_describes_every_setting_as_the_program_knows_it() throws IOException {
        if (Boolean.getBoolean(UPDATE)) {
            Files.writeString(FILE, page());
        }
        assertThat(Files.readString(FILE))
                .as("to make it anew: ./mvnw test -Dtest=ConfigurationDocTest -D" + UPDATE + "=true")
                .isEqualTo(page());
    }

    private static String page() {
        return HEAD
                + Arrays.stream(Setting.values()).map(ConfigurationDocTest::row).collect(Collectors.joining())
                + FOOT;
    }

    private static String row(Setting setting) {
        String value = setting.defaultValue().isEmpty() ? "–" : "`" + setting.defaultValue() + "`";
        String secret = setting.secret() ? ". *Secret*" : "";
        return "| `" + setting + "` | " + value + " | " + setting.description() + secret + " |\n";
    }
}
