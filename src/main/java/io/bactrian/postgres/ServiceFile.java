package io.bactrian.postgres;

import io.bactrian.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** The {@code pg_service.conf} files: named groups of connection parameters, as "The Connection Service File" says. */
record ServiceFile(List<Path> paths) {

    /** The parameters of the service in the first file that holds it. */
    Map<Keyword, String> parameters(String service) {
        for (Path path : paths) {
            List<String> lines = lines(path);
            int start = lines.indexOf("[" + service + "]");
            if (start >= 0) {
                return parameters(lines.subList(start + 1, lines.size()), path);
            }
        }
        throw Failure.usage(
                "The connection service that DATABASE_URL or PGSERVICE names is defined in none of " + paths,
                "Define it in ~/.pg_service.conf, or write the server's address into DATABASE_URL.");
    }

    private static Map<Keyword, String> parameters(List<String> lines, Path path) {
        Map<Keyword, String> parameters = new EnumMap<>(Keyword.class);
        for (String line : lines) {
            if (line.startsWith("[")) {
                break;
            }
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            int equals = line.indexOf('=');
            Keyword keyword = Keyword.named(line.substring(0, Math.max(equals, 0)))
                    .orElseThrow(() -> Failure.usage(
                            path + " holds a line that is not name=value with a name that PostgreSQL knows",
                            "Correct the file; the manual's \"Parameter Key Words\" lists the names."));
            parameters.putIfAbsent(keyword, line.substring(equals + 1));
        }
        return parameters;
    }

    private static List<String> lines(Path path) {
        try {
            return Files.isRegularFile(path)
                    ? Files.readAllLines(path).stream().map(String::strip).toList()
                    : List.of();
        } catch (IOException e) {
            throw Failure.usage("Cannot read " + path, "Make it readable, UTF-8 text.");
        }
    }
}
