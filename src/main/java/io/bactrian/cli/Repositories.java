package io.bactrian.cli;

import io.bactrian.config.Settings;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** For commands about repositories: most often all databases have one, but each may have its own. */
final class Repositories {
    private Repositories() {}

    /** Settings for each; those of all databases where they say the same folder. */
    static List<Settings> of(Settings settings) {
        Map<Path, Settings> repositories = new LinkedHashMap<>();
        settings.databases()
                .forEach(database -> repositories.putIfAbsent(
                        database.directory(), database.directory().equals(settings.directory()) ? settings : database));
        return List.copyOf(repositories.values());
    }

    /** The databases whose backups lie in one of these. */
    static List<Settings> databases(Settings settings, Settings repository) {
        return settings.databases().stream()
                .filter(database -> database.directory().equals(repository.directory()))
                .toList();
    }
}
