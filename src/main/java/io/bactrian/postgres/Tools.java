package io.bactrian.postgres;

import io.bactrian.Failure;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * PostgreSQL's programs of one version, all from one directory.
 *
 * @param directory where they are
 * @param version as {@code pg_dump --version} tells it, such as {@code 15.18} or {@code 18beta1}
 */
public record Tools(Path directory, String version) {
    private static final List<String> OF_THE_SERVER_PACKAGE =
            List.of("postgres", "initdb", "pg_ctl", "pg_controldata", "pg_waldump");

    /**
     * Finds the programs for a server: those of its own major version, or else of the lowest newer one.
     *
     * @param binDir the only place to look in ({@code BACKUP_PG_BIN_DIR}), or empty to search the usual ones and the PATH
     * @throws Failure a precondition: none found, or only older ones, which cannot dump this server
     */
    public static Tools locate(Optional<Path> binDir, int serverMajor) {
        return locate(binDir, serverMajor, new ToolVersions());
    }

    /** As {@link #locate(Optional, int)}, by somebody who looks more than once. */
    public static Tools locate(Optional<Path> binDir, int serverMajor, ToolVersions versions) {
        return locate(binDir.map(List::of).orElseGet(Tools::usualPlaces), binDir, serverMajor, versions);
    }

    static Tools locate(List<Path> places, Optional<Path> binDir, int serverMajor, ToolVersions versions) {
        List<Tools> found = installed(places, versions);
        return found.stream()
                .filter(tools -> tools.major() >= serverMajor)
                .min(Comparator.comparingInt(Tools::major))
                .orElseThrow(() -> found.isEmpty() ? missing(binDir, serverMajor) : tooOld(found, serverMajor));
    }

    /** Finds the newest programs that can make and run a server of their own, for temporary clusters. */
    public static Tools locateServer(Optional<Path> binDir) {
        return installed(binDir.map(List::of).orElseGet(Tools::usualPlaces), new ToolVersions()).stream()
                .filter(tools -> OF_THE_SERVER_PACKAGE.stream().allMatch(tools::has))
                .max(Comparator.comparingInt(Tools::major))
                .orElseThrow(() -> Failure.precondition(
                        "PostgreSQL's server programs (initdb, postgres) were not found in "
                                + binDir.map(Path::toString).orElse("the usual places"),
                        "Install them: apt-get install postgresql; or set BACKUP_PG_BIN_DIR."));
    }

    /**
     * Finds programs of exactly this major version that can run a server: no other reads its files.
     *
     * @throws Failure a precondition: they are not installed
     */
    public static Tools locateServer(Optional<Path> binDir, int major) {
        return installed(binDir.map(List::of).orElseGet(Tools::usualPlaces), new ToolVersions()).stream()
                .filter(tools -> tools.major() == major)
                .filter(tools -> OF_THE_SERVER_PACKAGE.stream().allMatch(tools::has))
                .findFirst()
                .orElseThrow(() -> Failure.precondition(
                        "recovery needs the server programs of PostgreSQL " + major
                                + " (postgres, pg_controldata), and "
                                + binDir.map(directory -> "BACKUP_PG_BIN_DIR=" + directory + " does not hold them")
                                        .orElse("they were not found"),
                        "Install them: apt-get install postgresql-" + major
                                + " (where the distribution lacks it, add https://apt.postgresql.org first); "
                                + "no other major version can read the files of this one."));
    }

    /**
     * The path of a program such as {@code pg_dump}.
     *
     * @throws Failure a precondition: it is not installed
     */
    public Path program(String name) {
        if (!has(name)) {
            String part = OF_THE_SERVER_PACKAGE.contains(name) ? "postgresql-" : "postgresql-client-";
            throw Failure.precondition(
                    name + " is missing in " + directory, "Install it: apt-get install " + part + major());
        }
        return directory.resolve(name);
    }

    /** 15 for any 15.x. */
    public int major() {
        return Integer.parseInt(version.replaceFirst("\\D.*", ""));
    }

    private boolean has(String name) {
        return Files.isExecutable(directory.resolve(name));
    }

    private static List<Tools> installed(List<Path> places, ToolVersions versions) {
        return places.stream()
                .flatMap(directory -> in(directory, versions).stream())
                .toList();
    }

    private static List<Path> usualPlaces() {
        List<Path> places = new ArrayList<>();
        places.addAll(subdirectories("/usr/lib/postgresql", "*"));
        places.addAll(subdirectories("/usr", "pgsql-*"));
        Arrays.stream(System.getenv().getOrDefault("PATH", "").split(":"))
                .filter(entry -> entry.startsWith("/"))
                .map(Path::of)
                .forEach(places::add);
        places.add(Path.of("/usr/local/pgsql/bin"));
        return places;
    }

    private static List<Path> subdirectories(String parent, String glob) {
        List<Path> found = new ArrayList<>();
        if (Files.isDirectory(Path.of(parent))) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(Path.of(parent), glob)) {
                entries.forEach(entry -> found.add(entry.resolve("bin")));
            } catch (IOException e) {
                // a place that cannot be listed holds nothing that we could run
                return List.of();
            }
        }
        return found;
    }

    private static Optional<Tools> in(Path directory, ToolVersions versions) {
        Path dump = directory.resolve("pg_dump");
        try {
            // Debian's /usr/bin/pg_dump is a Perl script that picks a version by rules of its own
            if (!Files.isExecutable(dump) || dump.toRealPath().endsWith("pg_wrapper")) {
                return Optional.empty();
            }
            return versions.of(dump).map(version -> new Tools(directory, version));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static Failure missing(Optional<Path> binDir, int serverMajor) {
        return Failure.precondition(
                binDir.map(directory -> "There is no working pg_dump in BACKUP_PG_BIN_DIR=" + directory)
                        .orElse("pg_dump was not found"),
                (binDir.isPresent() ? "Correct BACKUP_PG_BIN_DIR, or install" : "Install") + " PostgreSQL's programs: "
                        + install(serverMajor));
    }

    private static Failure tooOld(List<Tools> found, int serverMajor) {
        Tools newest = found.stream().max(Comparator.comparingInt(Tools::major)).orElseThrow();
        return Failure.precondition(
                "pg_dump " + newest.version() + " in " + newest.directory()
                        + " is older than the server, which is PostgreSQL " + serverMajor,
                "Install the server's version: " + install(serverMajor));
    }

    private static String install(int major) {
        return "apt-get install postgresql-client-" + major
                + " (where the distribution lacks it, add https://apt.postgresql.org first)";
    }
}
