package io.bactrian.acceptance;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/** The processes of one run, found by a mark in their environment that children inherit however they are started. */
final class ChildProcesses {
    private static final String MARK = "BACTRIAN_TEST_MARK";

    private final String mark = UUID.randomUUID().toString();

    /** The program whose processes these are. */
    Program of(Program program) {
        return program.with(MARK, mark);
    }

    List<Marked> alive() throws IOException {
        try (Stream<Path> entries = Files.list(Path.of("/proc"))) {
            return entries.filter(entry -> entry.getFileName().toString().matches("[0-9]+"))
                    .flatMap(entry -> marked(entry).stream())
                    .toList();
        }
    }

    /** Of all processes that are ours or name this folder, as servers do whose account and environment are others. */
    List<String> commandLines(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(Path.of("/proc"))) {
            Stream<String> naming = entries.filter(
                            entry -> entry.getFileName().toString().matches("[0-9]+"))
                    .map(ChildProcesses::commandLine)
                    .filter(line -> line.contains(folder.toString()));
            return Stream.concat(naming, alive().stream().map(Marked::commandLine))
                    .map(line -> line.replace('\0', ' '))
                    .toList();
        }
    }

    private static String commandLine(Path entry) {
        try {
            return read(entry.resolve("cmdline"));
        } catch (IOException e) {
            return ""; // it has just ended
        }
    }

    /** A process of this program name, such as {@code pg_dump}, once there is one. */
    Marked await(String name, Process run) {
        return org.awaitility.Awaitility.await()
                .pollDelay(java.time.Duration.ZERO)
                .pollInterval(java.time.Duration.ofMillis(1))
                .atMost(60, SECONDS)
                .failFast(name + " was never seen", () -> !run.isAlive())
                .until(() -> alive().stream().filter(p -> p.runs(name)).findFirst(), Optional::isPresent)
                .orElseThrow();
    }

    void assertAllEnded() {
        org.awaitility.Awaitility.await()
                .atMost(10, SECONDS)
                .untilAsserted(() -> assertThat(alive()).isEmpty());
    }

    private Optional<Marked> marked(Path entry) {
        try {
            // in this order: what becomes a program has its own arguments no earlier than its own environment
            String commandLine = read(entry.resolve("cmdline"));
            String environment = read(entry.resolve("environ"));
            return environment.contains(MARK + "=" + mark) && !commandLine.isEmpty()
                    ? Optional.of(new Marked(Long.parseLong(entry.getFileName().toString()), commandLine, environment))
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty(); // it has just ended
        }
    }

    private static String read(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    }

    /**
     * A process as {@code /proc} shows it.
     *
     * @param commandLine its arguments, each ended by a zero byte; in the very moment of an exec it may be a byte of them
     * @param environment likewise
     */
    record Marked(long pid, String commandLine, String environment) {
        boolean runs(String name) {
            String program = commandLine.split("\0", 2)[0];
            return program.equals(name) || program.endsWith("/" + name);
        }

        /** Sends it a signal such as {@code STOP}. */
        void signal(String name) throws Exception {
            signal(pid, name);
        }

        static void signal(long pid, String name) throws Exception {
            int code = new ProcessBuilder("kill", "-" + name, String.valueOf(pid))
                    .start()
                    .waitFor();
            assertThat(code).as("kill -" + name).isZero();
        }
    }
}
