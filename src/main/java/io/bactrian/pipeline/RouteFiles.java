package io.bactrian.pipeline;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The YAML files of {@code routes/}. */
final class RouteFiles {
    private static final String SUFFIX = ".camel.yaml";
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{\\??([A-Za-z0-9.-]+)(:[^}]*)?}}");

    private final Path folder;
    private final List<Path> files;

    private RouteFiles(Path folder, List<Path> files) {
        this.folder = folder;
        this.files = files;
    }

    static RouteFiles in(Path folder) {
        try (Stream<Path> entries = Files.walk(folder)) {
            return new RouteFiles(
                    folder, entries.filter(Files::isRegularFile).sorted().toList());
        } catch (IOException | java.io.UncheckedIOException e) {
            throw Failure.usage(
                    "cannot read the routes in " + folder,
                    "They belong to the program: bring the folder back from the version you installed.");
        }
    }

    String includePattern() {
        return "file:" + folder + "/**/*" + SUFFIX;
    }

    /** The names between double braces. */
    Set<String> placeholders() {
        Set<String> names = new TreeSet<>();
        for (Path file : files) {
            Matcher placeholder = PLACEHOLDER.matcher(text(file));
            while (placeholder.find()) {
                names.add(placeholder.group(1));
            }
        }
        return names;
    }

    /** A file that Camel would pass over is somebody's mistake. */
    void validate() {
        for (Path file : files) {
            String name = String.valueOf(file.getFileName());
            if (!name.endsWith(SUFFIX) && !name.startsWith(".") && !name.endsWith(".md")) {
                throw Failure.usage(
                        file + " is not a route file",
                        "The name of a route file ends in " + SUFFIX + "; move others away.");
            }
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw Failure.usage("cannot read " + file, "This user must be able to read the routes.");
        }
    }

    /** Finds the file and line in what Camel threw at the start. */
    Failure explain(Exception thrown) {
        Failure known = Failures.of(thrown);
        if (known.exitCode() != ExitCode.FAILED) {
            return known;
        }
        StringBuilder said = new StringBuilder();
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            if (t.getMessage() != null && said.indexOf(t.getMessage()) < 0) {
                said.append(said.isEmpty() ? "" : ": ").append(t.getMessage());
            }
        }
        return new Failure(
                ExitCode.USAGE,
                "the routes in " + folder + " do not start: " + said,
                "Correct the file and line that the message names; `git diff routes/` shows what was changed.",
                thrown);
    }
}
