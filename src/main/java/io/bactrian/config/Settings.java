package io.bactrian.config;

import io.bactrian.Failure;
import io.bactrian.crypto.Encryption;
import io.bactrian.crypto.Passphrase;
import io.bactrian.repository.Store;
import io.bactrian.stream.Compression;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The effective configuration: environment variable, else {@code application.properties}, else default. Every value is checked
 * when it is read, so that a bad one stops the program before it has done anything.
 */
public final class Settings {
    private final Layers layers;
    private final Map<Setting, String> values = new EnumMap<>(Setting.class);

    private Settings(Layers layers) {
        this.layers = layers;
        for (Setting setting : Setting.values()) {
            values.put(setting, layers.value(setting));
        }
    }

    /** @param home the folder of {@code application.properties} and {@code routes/} */
    public static Settings read(Path home, Map<String, String> environment) {
        return read(Layers.of(home, environment));
    }

    static Settings read(Layers layers) {
        Settings settings = new Settings(layers);
        settings.check();
        return settings;
    }

    private void check() {
        directory();
        databases();
        furtherStores();
        RetentionSettings.check(this);
        ScheduleSettings.check(this);
        AlertSettings.check(this);
        keysInStores();
        compression();
        compressionLevel();
        format();
        encryption();
        proof();
        jobs();
        maxAge();
        maxWalAge();
        pitr();
        slotMaxWal();
        baseEvery();
        timezone();
        programs();
        temporaryDirectory();
        logFile();
        logLevel();
        WalSettings.check(this);
        if (!get(Setting.BACKUP_LOCK_TIMEOUT).matches("[0-9]+(us|ms|s|min|h|d)?")) {
            throw bad(Setting.BACKUP_LOCK_TIMEOUT, "is not a PostgreSQL interval", "For instance 30s or 5min.");
        }
    }

    public Path home() {
        return layers.home();
    }

    public Map<String, String> environment() {
        return layers.environment();
    }

    /** The name of this database among several; empty where the settings are those of one. */
    public String name() {
        return layers.database().map(OwnProperties::name).orElse("");
    }

    /** Settings of their own for each database of BACKUP_DATABASES; without that, these. */
    public List<Settings> databases() {
        return ConfiguredDatabases.of(this);
    }

    /** What routes may use as {@code {{backup.…}}}: every effective value that is not a secret. */
    public Map<String, String> forRoutes() {
        Map<String, String> effective = new LinkedHashMap<>(layers.ofRoutes());
        values.forEach((setting, value) -> {
            if (!setting.secret()) {
                effective.put(setting.property(), value);
            }
        });
        effective.put(Setting.BACKUP_DIR.property(), directory().toString());
        effective.put(Setting.BACKUP_COMPRESSION_LEVEL.property(), String.valueOf(compressionLevel()));
        effective.put(Setting.PGDUMP_JOBS.property(), String.valueOf(jobs()));
        return effective;
    }

    Layers layers() {
        return layers;
    }

    public String get(Setting setting) {
        return values.get(setting);
    }

    private Optional<String> given(Setting setting) {
        return Optional.of(values.get(setting)).filter(v -> !v.isEmpty());
    }

    public String databaseUrl() {
        return get(Setting.DATABASE_URL);
    }

    public Path directory() {
        return path(Setting.BACKUP_DIR, get(Setting.BACKUP_DIR));
    }

    /** The stores besides the local one, in the order in which they are asked when it cannot help. */
    public List<Store> furtherStores() {
        return FurtherStores.of(this);
    }

    /** Whether the locked secret keys go to further stores, so that one of them and the passphrase suffice. */
    public boolean keysInStores() {
        return FurtherStores.getKeys(this);
    }

    public Compression compression() {
        return Compression.named(get(Setting.BACKUP_COMPRESSION));
    }

    public int compressionLevel() {
        Optional<String> level = given(Setting.BACKUP_COMPRESSION_LEVEL);
        if (level.isEmpty()) {
            return compression() == Compression.GZIP ? 6 : 2;
        }
        if (!level.get().matches("[1-9]")) {
            throw bad(Setting.BACKUP_COMPRESSION_LEVEL, "is not a level", "A whole number from 1 (fast) to 9 (small).");
        }
        return Integer.parseInt(level.get());
    }

    public DumpFormat format() {
        return DumpFormat.named(get(Setting.BACKUP_FORMAT));
    }

    public Encryption encryption() {
        return Encryption.named(get(Setting.BACKUP_ENCRYPTION_FORMAT));
    }

    /** The passphrase, if encryption is configured at all. */
    public Optional<Passphrase> passphrase() {
        Optional<String> inline = given(Setting.BACKUP_ENCRYPTION_KEY);
        Optional<String> file = given(Setting.BACKUP_ENCRYPTION_KEY_FILE);
        if (inline.isPresent() && file.isPresent()) {
            throw Failure.usage(
                    "both BACKUP_ENCRYPTION_KEY and BACKUP_ENCRYPTION_KEY_FILE are set", "Keep one of the two.");
        }
        return inline.or(() -> file.map(this::firstLine)).map(Passphrase::of);
    }

    private String firstLine(String file) {
        Path path = path(Setting.BACKUP_ENCRYPTION_KEY_FILE, file);
        try (var lines = Files.lines(path)) {
            return lines.findFirst().orElse("");
        } catch (IOException | java.io.UncheckedIOException e) {
            throw Failure.precondition(
                    "cannot read BACKUP_ENCRYPTION_KEY_FILE " + path,
                    "It is a file that this user can read, with the passphrase as its first line.");
        }
    }

    public List<String> signers() {
        return Arrays.stream(get(Setting.BACKUP_SIGNERS).split(","))
                .map(s -> s.strip().toLowerCase(Locale.ROOT).replace(" ", ""))
                .filter(s -> !s.isEmpty())
                .toList();
    }

    public String proof() {
        String proof = get(Setting.BACKUP_PROOF);
        if (!List.of("counts", "content", "off").contains(proof)) {
            throw bad(Setting.BACKUP_PROOF, "is not a kind of proof", "One of counts, content, off.");
        }
        return proof;
    }

    /** How long pg_dump waits for a table's lock, as PostgreSQL reads it. */
    public String lockTimeout() {
        return get(Setting.BACKUP_LOCK_TIMEOUT);
    }

    public String restoreOptions() {
        return get(Setting.BACKUP_RESTORE_OPTIONS);
    }

    public int jobs() {
        Optional<String> jobs = given(Setting.PGDUMP_JOBS);
        if (jobs.isEmpty()) {
            return Runtime.getRuntime().availableProcessors();
        }
        if (!jobs.get().matches("[1-9][0-9]{0,2}")) {
            throw bad(Setting.PGDUMP_JOBS, "is not a number of workers", "A whole number from 1 to 999.");
        }
        return Integer.parseInt(jobs.get());
    }

    public Optional<Path> programs() {
        return given(Setting.BACKUP_PG_BIN_DIR).map(v -> path(Setting.BACKUP_PG_BIN_DIR, v));
    }

    public Path temporaryDirectory() {
        return given(Setting.BACKUP_TEMP_DIR)
                .map(v -> path(Setting.BACKUP_TEMP_DIR, v))
                .orElseGet(() -> Path.of(System.getProperty("java.io.tmpdir")));
    }

    public Duration maxWalAge() {
        return duration(Setting.BACKUP_MAX_WAL_AGE, "is not an age");
    }

    public Duration maxAge() {
        return duration(Setting.BACKUP_MAX_AGE, "is not an age");
    }

    public PitrMode pitr() {
        return PitrMode.named(get(Setting.BACKUP_PITR));
    }

    /** The server that bases and WAL come from: a libpq connection URI. */
    public String clusterUrl() {
        return given(Setting.BACKUP_CLUSTER_URL).orElseGet(this::databaseUrl);
    }

    public long slotMaxWal() {
        return Quantity.bytes(get(Setting.BACKUP_SLOT_MAX_WAL))
                .orElseThrow(() -> bad(Setting.BACKUP_SLOT_MAX_WAL, "is not a size", "For instance 512MB or 16GB."));
    }

    /** How old a base may be before a full takes the next; empty: each full takes one. */
    public Optional<Duration> baseEvery() {
        return given(Setting.BACKUP_BASE_EVERY).map(given -> duration(Setting.BACKUP_BASE_EVERY, "is not an interval"));
    }

    public ZoneId timezone() {
        try {
            return ZoneId.of(get(Setting.BACKUP_TIMEZONE));
        } catch (DateTimeException e) {
            throw bad(Setting.BACKUP_TIMEZONE, "is not a time zone", "For instance Europe/Oslo or UTC.");
        }
    }

    private Duration duration(Setting setting, String otherwise) {
        return Quantity.duration(get(setting)).orElseThrow(() -> bad(setting, otherwise, "For instance 26h or 8d."));
    }

    public String logLevel() {
        String level = get(Setting.BACKUP_LOG_LEVEL);
        if (!List.of("debug", "info", "warn", "error").contains(level)) {
            throw bad(Setting.BACKUP_LOG_LEVEL, "is not a log level", "One of debug, info, warn, error.");
        }
        return level;
    }

    public Optional<Path> logFile() {
        return given(Setting.BACKUP_LOG_FILE)
                .filter(v -> !v.equals("off"))
                .map(v -> path(Setting.BACKUP_LOG_FILE, v, directory()));
    }

    Path path(Setting setting, String value) {
        return path(setting, value, layers.folder(setting));
    }

    private Path path(Setting setting, String value, Path base) {
        try {
            return base.resolve(value).normalize();
        } catch (InvalidPathException e) {
            throw bad(setting, "is not a path", "A folder or file name.");
        }
    }

    Failure bad(Setting setting, String why, String hint) {
        return Failure.usage(setting + ": \"" + get(setting) + "\" " + why, hint);
    }
}
