package io.bactrian.config;

import io.bactrian.Failure;
import io.bactrian.postgres.DatabaseUrl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** BACKUP_DATABASES: names of databases of one server, or a folder with a properties file for each. */
final class ConfiguredDatabases {
    private static final Pattern FILE_NAME = Pattern.compile("(?!\\.)[A-Za-z0-9_.-]{1,63}");
    private static final String SUFFIX = ".properties";
    /** The program has these once, whatever it backs up. */
    private static final List<Setting> OF_ALL =
            List.of(Setting.BACKUP_DATABASES, Setting.BACKUP_LOG_FILE, Setting.BACKUP_LOG_LEVEL);
    /** These, a repository has once; a database that has one for itself may set them. */
    private static final Pattern OF_REPOSITORY =
            Pattern.compile("BACKUP_(STORES|S3_.*|KEYS_IN_STORES|ENCRYPTION_KEY(_FILE)?|SIGNERS|RETENTION_.*)");

    private ConfiguredDatabases() {}

    /** @throws Failure wrong usage, with the file where there is one, and the setting */
    static List<Settings> of(Settings settings) {
        Layers layers = settings.layers();
        String given = settings.get(Setting.BACKUP_DATABASES);
        if (given.isEmpty() || layers.database().isPresent()) {
            return List.of(settings);
        }
        List<OwnProperties> databases =
                given.contains("/") ? inFolder(settings.path(Setting.BACKUP_DATABASES, given)) : named(settings, given);
        if (databases.isEmpty()) {
            throw settings.bad(
                    Setting.BACKUP_DATABASES,
                    "names no database",
                    "Names separated by commas, or a folder with a file NAME" + SUFFIX + " for each database.");
        }
        return databases.stream()
                .map(own -> read(layers.with(withDatabase(own, settings))))
                .toList();
    }

    private static List<OwnProperties> named(Settings settings, String given) {
        List<String> names = Arrays.stream(given.split(","))
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .toList();
        names.stream()
                .filter(name -> Collections.frequency(names, name) > 1)
                .findFirst()
                .ifPresent(twice -> {
                    throw settings.bad(
                            Setting.BACKUP_DATABASES, "names \"" + twice + "\" twice", "Name each database once.");
                });
        return names.stream()
                .map(name -> new OwnProperties(name, Map.of(), Optional.empty()))
                .toList();
    }

    private static List<OwnProperties> inFolder(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            List<OwnProperties> databases = new ArrayList<>();
            for (Path file : files.sorted().toList()) {
                String name = String.valueOf(file.getFileName());
                if (name.endsWith(SUFFIX) && !name.startsWith(".")) {
                    databases.add(inFile(file, name.substring(0, name.length() - SUFFIX.length())));
                }
            }
            return databases;
        } catch (IOException e) {
            throw Failure.usage(
                    Setting.BACKUP_DATABASES + ": cannot read the folder " + folder,
                    "It holds a file NAME" + SUFFIX + " for each database, which this user can read. Names of databases"
                            + " without a file have no / in them.");
        }
    }

    private static OwnProperties inFile(Path file, String name) throws IOException {
        if (!FILE_NAME.matcher(name).matches()) {
            throw Failure.usage(
                    file + ": that is not a name for a database here",
                    "Letters, digits, underscores, dots and hyphens; database.url in the file may name any database.");
        }
        Properties properties = PropertiesFile.read(file);
        Map<String, String> values = new TreeMap<>();
        properties.stringPropertyNames().forEach(key -> values.put(key, properties.getProperty(key)));
        OwnProperties own = new OwnProperties(name, values, Optional.of(file));
        for (String key : values.keySet()) {
            Spelling.checkOwn(file, key);
        }
        OF_ALL.stream().filter(own::has).findFirst().ifPresent(setting -> {
            throw Failure.usage(
                    file + ": " + setting.property() + " cannot be one database's own",
                    "Move it to application.properties: it holds for all of them.");
        });
        refuseIfOthersCanRead(own, file);
        refuseWhatIsOfTheRepository(own, file);
        return own;
    }

    private static void refuseWhatIsOfTheRepository(OwnProperties own, Path file) {
        Arrays.stream(Setting.values())
                .filter(setting -> OF_REPOSITORY.matcher(setting.name()).matches())
                .filter(setting -> own.has(setting) && !own.has(Setting.BACKUP_DIR))
                .findFirst()
                .ifPresent(setting -> {
                    throw Failure.usage(
                            file + ": " + setting.property()
                                    + " holds for a whole repository, which this database shares",
                            "Give it one of its own (backup.dir), or move the setting to application.properties.");
                });
    }

    private static void refuseIfOthersCanRead(OwnProperties own, Path file) throws IOException {
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
        boolean open = permissions.contains(PosixFilePermission.OTHERS_READ)
                || permissions.contains(PosixFilePermission.OTHERS_WRITE);
        Arrays.stream(Setting.values())
                .filter(setting -> open && setting.secret() && own.has(setting))
                .findFirst()
                .ifPresent(secret -> {
                    throw Failure.usage(
                            file + ": it holds " + secret.property() + ", and every user of this machine can read it",
                            "chmod 600 " + file);
                });
    }

    /** Without a URL of its own it is the database of that name on the server of DATABASE_URL. */
    private static OwnProperties withDatabase(OwnProperties own, Settings settings) {
        return own.has(Setting.DATABASE_URL) || settings.databaseUrl().isEmpty()
                ? own
                : own.with(Setting.DATABASE_URL, DatabaseUrl.withDatabase(settings.databaseUrl(), own.name()));
    }

    private static Settings read(Layers layers) {
        try {
            return Settings.read(layers);
        } catch (Failure bad) {
            Optional<Path> file = layers.database().flatMap(OwnProperties::file);
            if (file.isEmpty()) {
                throw bad;
            }
            throw new Failure(bad.exitCode(), file.get() + ": " + bad.getMessage(), bad.hint(), bad);
        }
    }
}
