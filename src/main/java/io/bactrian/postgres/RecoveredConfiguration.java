package io.bactrian.postgres;

import static io.bactrian.postgres.OriginalConfiguration.line;

import io.bactrian.Failure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The configuration of a recovered data directory: that of the original, completed from what was kept of it where the original
 * had it elsewhere, without anything by which the copy would reach for what belongs to the original.
 */
final class RecoveredConfiguration {
    private static final String MAIN = "postgresql.conf";
    private static final String LAST = "postgresql.auto.conf";
    private static final Pattern PLACES = Pattern.compile(
            "(?m)^(\\s*(?:data_directory|hba_file|ident_file|external_pid_file)\\b.*)$", Pattern.CASE_INSENSITIVE);
    private static final Map<String, String> MISSING_FILES = Map.of(
            "hba_file",
            "# made by bactrian: the original's pg_hba.conf was not in its data directory, and could not be read\n"
                    + "local all all peer\nhost all all 127.0.0.1/32 scram-sha-256\nhost all all ::1/128 scram-sha-256\n",
            "ident_file",
            "");
    private static final Map<String, String> FILE_NAMES =
            Map.of("hba_file", "pg_hba.conf", "ident_file", "pg_ident.conf");

    private final ServerPrograms programs;
    private final Guardian guardian;
    private final Path data;
    private final List<String> notes = new ArrayList<>();

    RecoveredConfiguration(ServerPrograms programs, Guardian guardian, Path data) {
        this.programs = programs;
        this.guardian = guardian;
        this.data = data;
    }

    /**
     * Writes it, and has the server program read it.
     *
     * @param changedBySql what {@code ALTER SYSTEM} had set
     * @param role lines that make it what it shall be, a standby for instance
     * @return what the user should know
     */
    List<String> write(OriginalConfiguration original, String changedBySql, String role) throws IOException {
        Path main = data.resolve(MAIN);
        put(
                MAIN,
                Files.exists(main) && !original.keptElsewhere("config_file")
                        ? PLACES.matcher(Files.readString(main, StandardCharsets.ISO_8859_1))
                                .replaceAll("# (of the original) $1")
                        : original.asFile());
        for (Map.Entry<String, String> file : FILE_NAMES.entrySet()) {
            String kind = file.getKey();
            if (!Files.exists(data.resolve(file.getValue())) || original.keptElsewhere(kind)) {
                put(file.getValue(), original.text(kind).orElse(MISSING_FILES.get(kind)));
            }
        }
        String before = overruled(changedBySql, role);
        put(LAST, before + role);
        if (!readable()) {
            Files.move(main, data.resolve("postgresql.conf.original"));
            put(MAIN, original.asFile());
            notes.add(
                    "Its postgresql.conf cannot be read here, so it is kept as postgresql.conf.original and replaced by "
                            + "one of the same settings.");
        }
        String fitting = fitting();
        put(LAST, before + role + fitting);
        notes.add("It listens on port " + value("port")
                + (value("listen_addresses").isEmpty() ? " (socket only)" : "") + ", as the original.");
        return List.copyOf(notes);
    }

    /** What the role sets anew stands there as a comment; a connection that may hold a password does not stand there at all. */
    private static String overruled(String changedBySql, String role) {
        Set<String> names = role.lines()
                .filter(line -> line.contains(" = "))
                .map(line -> line.substring(0, line.indexOf(" = ")))
                .collect(Collectors.toSet());
        return changedBySql
                .lines()
                .filter(line -> !line.startsWith("primary_conninfo"))
                .map(line -> names.contains(line.split("\\s*=", 2)[0]) ? "# (of the original) " + line : line)
                .collect(Collectors.joining("\n", "", "\n"));
    }

    /** What the original has and this machine has not would keep the server from starting. */
    private String fitting() {
        List<String> lines = new ArrayList<>();
        if (value("ssl").equals("on") && !(exists(value("ssl_cert_file")) && exists(value("ssl_key_file")))) {
            lines.add(line("ssl", "off"));
            notes.add("TLS is off: the original's certificate or key is not on this machine.");
        }
        List<String> sockets = list(value("unix_socket_directories"));
        if (!sockets.stream().allMatch(this::exists)) {
            lines.add(line("unix_socket_directories", "/tmp"));
            notes.add("Its socket is in /tmp: there is no " + String.join(", ", sockets) + " on this machine.");
        }
        if (value("logging_collector").equals("on")
                && value("log_directory").startsWith("/")
                && !exists(value("log_directory"))) {
            lines.add(line("log_directory", "log"));
            notes.add("It logs into its data directory: there is no " + value("log_directory") + " on this machine.");
        }
        Path libraries = programs.tools().directory().resolveSibling("lib");
        List<String> preloads = list(value("shared_preload_libraries"));
        List<String> present = preloads.stream()
                .filter(name -> name.contains("/")
                        || !Files.isDirectory(libraries)
                        || Files.exists(libraries.resolve(name + ".so")))
                .toList();
        if (!present.equals(preloads)) {
            lines.add(line("shared_preload_libraries", String.join(",", present)));
            notes.add("Not installed on this machine, so left out of shared_preload_libraries ("
                    + String.join(", ", preloads) + ").");
        }
        return lines.isEmpty()
                ? ""
                : "# by bactrian, since the original's are not on this machine\n" + String.join("", lines);
    }

    private boolean exists(String path) {
        return Files.exists(data.resolve(path));
    }

    private static List<String> list(String value) {
        return Pattern.compile(",")
                .splitAsStream(value)
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .collect(Collectors.toList());
    }

    private boolean readable() {
        try {
            value("port");
            return true;
        } catch (Failure e) {
            return false;
        }
    }

    /** As the server would have it, all files read. */
    private String value(String setting) {
        String output = programs.output(guardian, "postgres", List.of("-D", data.toString(), "-C", setting));
        return output.strip().lines().reduce("", (before, line) -> line).strip();
    }

    private void put(String name, String text) throws IOException {
        Path file = data.resolve(name);
        Files.deleteIfExists(file);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)));
            channel.force(true); // all else in the directory was synced by the server
        }
        programs.account().own(file);
    }
}
