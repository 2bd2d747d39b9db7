package io.bactrian.acceptance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** A further store that a route file alone adds to an installation: a folder. */
record Mirror(String name, Path root) {
    private static final List<String> OPERATIONS = List.of("put", "get", "list", "delete");

    /** Adds it to the routes of an installation. */
    Mirror addTo(Path installation) throws IOException {
        String routes = """
                - beans:
                    - name: %1$sStore
                      type: io.bactrian.repository.LocalStore
                      factoryMethod: at
                      constructors:
                        "0": %2$s
                """.formatted(name, root);
        Files.writeString(
                installation.resolve("routes/store-" + name + ".camel.yaml"),
                routes + OPERATIONS.stream().map(this::route).collect(Collectors.joining()));
        return this;
    }

    private String route(String operation) {
        return """
                - route:
                    id: store-%1$s-%2$s
                    from:
                      uri: direct
                      parameters:
                        name: store-%1$s-%2$s
                      steps:
                        - bean:
                            id: store-%1$s-%2$s-do
                            ref: %1$sStore
                            method: %2$s
                """.formatted(name, operation);
    }

    Path resolve(String path) {
        return root.resolve(path);
    }
}
