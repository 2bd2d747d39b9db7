package io.bactrian.pipeline;

import io.bactrian.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.main.RoutesConfigurer;
import org.apache.camel.spi.RoutesBuilderLoader;
import org.apache.camel.support.PluginHelper;

/** The YAML files of {@code routes/}. */
final class RouteFiles {
    private static final String SUFFIX = ".camel.yaml";
    /** How the names of files begin that only the scheduler reads. */
    private static final String SCHEDULE = "schedule";

    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{\\??([A-Za-z0-9.-]+)(:[^}]*)?}}");

    private final Path folder;
    private final List<Path> files;
    private final boolean scheduling;

    private RouteFiles(Path folder, List<Path> files, boolean scheduling) {
        this.folder = folder;
        this.files = files;
        this.scheduling = scheduling;
    }

    /** @param scheduling whether the schedules are to be read, too */
    static RouteFiles in(Path folder, boolean scheduling) {
        try (Stream<Path> entries = Files.walk(folder)) {
            return new RouteFiles(
                    folder, entries.filter(Files::isRegularFile).sorted().toList(), scheduling);
        } catch (IOException | java.io.UncheckedIOException e) {
            throw Failure.usage(
                    "cannot read the routes in " + folder,
                    "They belong to the program: bring the folder back from the version you installed.");
        }
    }

    /** Has Camel read them, each once: its own start would parse every file a second time, to look for comments that configure it. */
    void load(CamelContext camel) throws Exception {
        RoutesBuilderLoader yaml = PluginHelper.getRoutesLoader(camel).getRoutesLoader("yaml");
        List<RoutesBuilder> builders = new ArrayList<>();
        for (Path file : files) {
            if (isRead(file)) {
                builders.add(yaml.loadRoutesBuilder(
                        PluginHelper.getResourceLoader(camel).resolveResource("file:" + file)));
            }
        }
        try (RoutesConfigurer routes = new RoutesConfigurer(camel)) {
            routes.setRoutesBuilders(builders);
            routes.start(); // from here on it looks for two of one id
            routes.configureRoutes(camel);
        }
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
            if (!isRouteFile(file) && !name.startsWith(".") && !name.endsWith(".md")) {
                throw Failure.usage(
                        file + ":1: this is not a route file",
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

    /** Camel passes over a document that is no list of routes. */
    void checkAllRead(RouteSteps read) {
        for (Path file : files) {
            if (isRead(file) && !read.holds(file) && !text(file).contains("- beans:")) {
                throw Failure.usage(
                        file + ":1: there is no route in this file",
                        "It is a YAML list whose entries are `- route:`, `- routeConfiguration:` or `- beans:`.");
            }
        }
    }

    /** Where a line stands that is this text once stripped, as compilers write it; joined where there are more. */
    String places(String line) {
        List<String> places = new ArrayList<>();
        for (Path file : files) {
            List<String> lines = text(file).lines().map(String::strip).toList();
            for (int i = 0; i < lines.size(); i++) {
                if (lines.get(i).equals(line)) {
                    places.add(file + ":" + (i + 1));
                }
            }
        }
        return String.join(" and ", places);
    }

    private boolean isRead(Path file) {
        return isRouteFile(file)
                && (scheduling || !String.valueOf(file.getFileName()).startsWith(SCHEDULE));
    }

    private static boolean isRouteFile(Path file) {
        return String.valueOf(file.getFileName()).endsWith(SUFFIX);
    }
}
