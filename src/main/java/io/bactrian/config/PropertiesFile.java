package io.bactrian.config;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/** A Java properties file, in UTF-8; it need not exist. */
final class PropertiesFile {
    static final String NAME = "application.properties";

    private PropertiesFile() {}

    static Properties read(Path file) {
        Properties properties = new Properties();
        if (Files.exists(file)) {
            try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
                properties.load(reader);
            } catch (IOException | IllegalArgumentException e) {
                throw new Failure(
                        ExitCode.USAGE,
                        "cannot read " + file + ": " + e.getMessage(),
                        "It is a Java properties file: name = value on each line.",
                        e);
            }
        }
        return properties;
    }
}
