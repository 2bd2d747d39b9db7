package io.bactrian.cli;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import io.bactrian.config.Settings;
import io.bactrian.pipeline.Failures;
import io.bactrian.pipeline.LatestBackup;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/** The option {@code --database} of commands that can be about one of several databases, or about all. */
final class Databases {
    @Option(
            names = "--database",
            paramLabel = "NAME",
            description =
                    "Only this database; where there are several (BACKUP_DATABASES), the default is each of them.")
    private String name;

    /** The one that was named, or all. */
    List<Settings> chosen(Settings settings) {
        List<Settings> all = settings.databases();
        List<Settings> chosen = all.stream()
                .filter(database -> name == null || database.name().equals(name))
                .toList();
        if (chosen.isEmpty()) {
            throw Failure.usage(
                    "BACKUP_DATABASES names no database " + name,
                    all.size() == 1 && all.get(0).name().isEmpty()
                            ? "It is not set."
                            : "There are " + names(all) + ".");
        }
        return chosen;
    }

    /**
     * To read backups of one database: the settings that name it, else those of all, as a repository may hold backups of databases
     * that are configured nowhere any more.
     */
    Settings reading(Settings settings) {
        return settings.databases().stream()
                .filter(database -> name == null
                        ? settings.databases().size() == 1
                        : database.name().equals(name))
                .findFirst()
                .orElse(settings);
    }

    /** As {@link #reading}, where it matters which: of several, somebody must say it. */
    Settings one(Settings settings) {
        if (name == null && settings.databases().size() > 1) {
            throw Failure.usage(
                    "several databases are configured: " + names(settings.databases()),
                    "Say which one is meant: --database NAME.");
        }
        return reading(settings);
    }

    /** Whether one was named. */
    boolean isOne() {
        return name != null;
    }

    /** For {@code find}. */
    Map<String, Object> property() {
        return name == null ? Map.of() : Map.of(LatestBackup.DATABASE, name);
    }

    /**
     * One after the other; one that fails keeps nobody from the next.
     *
     * @return the worst exit code
     */
    static int each(List<Settings> databases, PrintWriter err, ToIntFunction<Settings> work) {
        if (databases.size() == 1) {
            return work.applyAsInt(databases.get(0));
        }
        AtomicBoolean stopped = new AtomicBoolean();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stopped.set(true), "stopped"));
        int worst = ExitCode.DONE.number();
        for (Settings database : databases) {
            if (stopped.get()) {
                return Math.max(worst, ExitCode.FAILED.number());
            }
            try {
                worst = Math.max(worst, work.applyAsInt(database));
            } catch (RuntimeException e) {
                Failure failure = Failures.of(e);
                String which = database.name().isEmpty() ? database.directory().toString() : database.name();
                err.println("Error: " + which + ": " + failure.getMessage());
                err.println("Hint: " + failure.hint());
                worst = Math.max(worst, failure.exitCode().number());
            }
        }
        return worst;
    }

    private static String names(List<Settings> databases) {
        return databases.stream().map(Settings::name).collect(Collectors.joining(", "));
    }
}
