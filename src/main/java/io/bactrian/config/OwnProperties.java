package io.bactrian.config;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What one of several databases has of its own.
 *
 * @param values by their name in a properties file; they may be secret, so they are never shown
 * @param file that they were read from, if they were
 */
record OwnProperties(String name, Map<String, String> values, Optional<Path> file) {
    OwnProperties {
        values = Map.copyOf(values);
    }

    boolean has(Setting setting) {
        return !values.getOrDefault(setting.property(), "").isBlank();
    }

    OwnProperties with(Setting setting, String value) {
        Map<String, String> more = new TreeMap<>(values);
        more.put(setting.property(), value);
        return new OwnProperties(name, more, file);
    }

    /** Those that are no setting of the program. */
    Map<String, String> ofRoutes() {
        Map<String, String> others = new TreeMap<>(values);
        Arrays.stream(Setting.values()).map(Setting::property).forEach(others::remove);
        return others;
    }

    @Override
    public String toString() {
        return name;
    }
}
