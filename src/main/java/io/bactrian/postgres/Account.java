package io.bactrian.postgres;

import io.bactrian.Failure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The account that PostgreSQL's server programs run as. They refuse to run as root, so as root it is an unprivileged one;
 * otherwise it is our own.
 *
 * @param switched whether it differs from ours
 * @param name empty if it is ours
 */
record Account(boolean switched, String name, int uid, int gid) {
    private static final List<String> UNPRIVILEGED = List.of("postgres", "nobody");

    static Account forServers() {
        if (number("-u").orElseThrow() != 0) {
            return new Account(
                    false, "", number("-u").orElseThrow(), number("-g").orElseThrow());
        }
        return UNPRIVILEGED.stream()
                .filter(name -> number("-u", name).isPresent())
                .map(name -> new Account(
                        true,
                        name,
                        number("-u", name).orElseThrow(),
                        number("-g", name).orElseThrow()))
                .findFirst()
                .orElseThrow(() -> Failure.precondition(
                        "PostgreSQL's server programs refuse to run as root, and there is no account to run them as",
                        "Add one: useradd --system postgres; or run as another user than root."));
    }

    /** The command that runs a program as this account, in the same process. */
    List<String> command(List<String> program) {
        List<String> command = new ArrayList<>();
        if (switched) {
            command.addAll(List.of("setpriv", "--reuid=" + uid, "--regid=" + gid, "--clear-groups", "--"));
        }
        command.addAll(program);
        return List.copyOf(command);
    }

    boolean reaches(Path directory) throws IOException {
        try {
            return new ProcessBuilder(command(List.of("test", "-x", directory.toString())))
                            .start()
                            .waitFor()
                    == 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Gives it a file, or a directory with all that is in it. */
    void own(Path directory) throws IOException {
        if (!switched) {
            return;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.setAttribute(file, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
                Files.setAttribute(file, "unix:gid", gid, LinkOption.NOFOLLOW_LINKS);
            }
        }
    }

    private static Optional<Integer> number(String... arguments) {
        List<String> command = new ArrayList<>(List.of("id"));
        command.addAll(List.of(arguments));
        try {
            Process id = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String output = new String(id.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
            return output.isEmpty() ? Optional.empty() : Optional.of(Integer.valueOf(output));
        } catch (IOException e) {
            throw Failure.precondition("Cannot run the program id: " + e.getMessage(), "apt-get install coreutils");
        }
    }
}
