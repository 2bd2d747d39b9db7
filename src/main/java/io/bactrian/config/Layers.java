package io.bactrian.config;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/**
 * Where values come from, the first that has one: what a database has of its own, the environment, {@code application.properties}, the
 * default.
 *
 * @param home the folder of {@code application.properties}
 * @param database of several; empty where the settings are those of one
 */
record Layers(Path home, Map<String, String> environment, Properties properties, Optional<OwnProperties> database) {
    static Layers of(Path home, Map<String, String> environment) {
        return new Layers(
                home,
                Map.copyOf(environment),
                PropertiesFile.read(home.resolve(PropertiesFile.NAME)),
                Optional.empty());
    }

    Layers with(OwnProperties own) {
        return new Layers(home, environment, properties, Optional.of(own));
    }

    String value(Setting setting) {
        return own(setting)
                .or(() -> ofEnvironment(setting))
                .or(() -> notBlank(properties.getProperty(setting.property())))
                .orElse(setting.defaultValue());
    }

    private Optional<String> own(Setting setting) {
        return database.flatMap(own -> notBlank(own.values().get(setting.property())));
    }

    private Optional<String> ofEnvironment(Setting setting) {
        return notBlank(environment.get(setting.name()));
    }

    private static Optional<String> notBlank(String text) {
        return Optional.ofNullable(text).filter(value -> !value.isBlank()).map(String::strip);
    }

    /** In a person's words. */
    String origin(Setting setting) {
        if (own(setting).isPresent()) {
            return database.flatMap(OwnProperties::file).map(Path::toString).orElse(Setting.BACKUP_DATABASES.name());
        }
        if (ofEnvironment(setting).isPresent()) {
            return "environment";
        }
        return notBlank(properties.getProperty(setting.property())).isPresent() ? PropertiesFile.NAME : "default";
    }

    /** A relative path counts from where it was written: the folder of the file, or the working folder. */
    Path folder(Setting setting) {
        Optional<Path> file = database.flatMap(OwnProperties::file);
        if (file.isPresent() && own(setting).isPresent()) {
            return file.get().toAbsolutePath().getParent();
        }
        return (ofEnvironment(setting).isPresent() ? Path.of("") : home).toAbsolutePath();
    }

    /** What no setting knows, but routes may, in the order of precedence that one of several databases has. */
    Map<String, String> ofRoutes() {
        Map<String, String> values = new LinkedHashMap<>();
        properties.stringPropertyNames().stream()
                .filter(name -> name.startsWith("backup."))
                .filter(name -> Setting.named(Spelling.variable(name)).isEmpty())
                .forEach(name -> values.put(
                        name, notBlank(environment.get(Spelling.variable(name))).orElse(properties.getProperty(name))));
        database.ifPresent(own -> values.putAll(own.ofRoutes()));
        return database.isEmpty() ? Map.of() : values;
    }

    /** The variables that are given, and the file of a database that gives them. */
    Map<String, Optional<Path>> given() {
        Map<String, Optional<Path>> given = new LinkedHashMap<>();
        environment.keySet().forEach(name -> given.put(name, Optional.empty()));
        properties.stringPropertyNames().forEach(name -> given.put(Spelling.variable(name), Optional.empty()));
        database.ifPresent(
                own -> own.values().keySet().forEach(name -> given.put(Spelling.variable(name), own.file())));
        return given;
    }
}
