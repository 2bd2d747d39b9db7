package io.bactrian.acceptance;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The real program, run through its launcher as a user would, with a repository and settings of its own. */
final class Program {
    static final Path HOME = Path.of("").toAbsolutePath();
    static final String PASSPHRASE = "correct-canary-battery-staple";
    private static final long LIMIT_SECONDS = 600;

    private final Map<String, String> environment;
    private final Path launcher;

    private Program(Path launcher, Map<String, String> environment) {
        this.launcher = launcher;
        this.environment = Map.copyOf(environment);
    }

    /** With the default settings, an encrypted repository in {@code directory}, and the database of {@code url}. */
    static Program of(Path directory, String url) {
        Map<String, String> environment = new HashMap<>();
        environment.put("BACKUP_DIR", directory.toString());
        environment.put("DATABASE_URL", url);
        environment.put("BACKUP_ENCRYPTION_KEY", PASSPHRASE);
        environment.put("BACTRIAN_NO_INSTALL", "1");
        return new Program(HOME.resolve("bactrian"), environment);
    }

    Program with(String variable, String value) {
        Map<String, String> more = new HashMap<>(environment);
        more.put(variable, value);
        return new Program(launcher, more);
    }

    Program without(String variable) {
        Map<String, String> fewer = new HashMap<>(environment);
        fewer.remove(variable);
        return new Program(launcher, fewer);
    }

    /** The same program with routes that can be edited: a copy of the installation's folder, its jars linked. */
    Program installedIn(Path folder) throws IOException {
        Files.createDirectories(folder);
        copy(HOME.resolve("routes"), folder.resolve("routes"));
        for (String file : List.of("bactrian", "application.properties")) {
            Files.copy(HOME.resolve(file), folder.resolve(file), java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
        }
        Files.createSymbolicLink(folder.resolve("target"), HOME.resolve("target"));
        Files.createSymbolicLink(folder.resolve("scripts"), HOME.resolve("scripts"));
        return new Program(folder.resolve("bactrian"), environment);
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (var files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    /** Runs to the end. */
    Outcome run(String... arguments) throws Exception {
        return Running.of(start(arguments)).outcome();
    }

    Process start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(launcher.toString());
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment()
                .keySet()
                .removeIf(name -> name.startsWith("BACKUP_")
                        || name.startsWith("PG")
                        || name.startsWith("BACTRIAN_")
                        || name.equals("DATABASE_URL"));
        builder.environment().putAll(environment);
        return builder.start();
    }

    /** How a run ended and what it said. */
    record Outcome(int exitCode, String out, String err) {
        /** The human part of standard error: without the JSON log lines. */
        String message() {
            return String.join(
                    "\n", err.lines().filter(line -> !line.startsWith("{")).toList());
        }

        String backupId() {
            return out.lines()
                    .filter(line -> line.startsWith("Full backup full_"))
                    .map(line -> line.substring("Full backup ".length()))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no backup was made:\n" + this));
        }
    }

    /** Reads both outputs of a process at once, so that neither fills up. */
    record Running(Process process, java.util.concurrent.Future<String> out, java.util.concurrent.Future<String> err) {
        static Running of(Process process) {
            return new Running(process, text(process.getInputStream()), text(process.getErrorStream()));
        }

        Outcome outcome() throws Exception {
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("the program did not end: " + process.info());
            }
            return new Outcome(process.exitValue(), out.get(), err.get());
        }

        private static java.util.concurrent.Future<String> text(java.io.InputStream in) {
            return java.util.concurrent.CompletableFuture.supplyAsync(() -> {
                try (in) {
                    return new String(in.readAllBytes(), StandardCharsets.UTF_8);
                } catch (IOException e) {
                    return "";
                }
            });
        }
    }
}
