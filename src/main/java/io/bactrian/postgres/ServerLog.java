package io.bactrian.postgres;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a temporary server logged. */
record ServerLog(List<String> lines) {
    private static final Pattern LAST =
            Pattern.compile("last completed transaction was at log time (.*)", Pattern.CASE_INSENSITIVE);
    private static final Pattern STOPPING = Pattern.compile("recovery stopping (before|after) ");

    private record Known(Pattern words, ExitCode exitCode, String message, String hint) {
        Known(String words, ExitCode exitCode, String message, String hint) {
            this(Pattern.compile(words), exitCode, message, hint);
        }
    }

    private static final List<Known> KNOWN = List.of(
            new Known(
                    "recovery ended before configured recovery target was reached",
                    ExitCode.INTEGRITY,
                    "the WAL ended before the planned target was reached",
                    "The WAL in the repository is not what its manifests say: run `bactrian test --all`; recover to an earlier time."),
            new Known(
                    "directory \".*\" does not exist",
                    ExitCode.PRECONDITION,
                    "the WAL to replay creates a tablespace whose directory is not on this machine",
                    "Make the directory that the message names, empty and owned by the account of the server, and run this again."),
            new Known(
                    "resource manager with ID \\d+ not registered",
                    ExitCode.PRECONDITION,
                    "the WAL holds records of an extension that this recovery does not load",
                    "Recover the whole cluster by hand, with the extension in shared_preload_libraries."),
            new Known(
                    "database locale is incompatible with operating system",
                    ExitCode.PRECONDITION,
                    "a locale of the original is not installed on this machine",
                    "Install it: apt-get install locales-all; then run this again."),
            new Known(
                    "No space left on device",
                    ExitCode.FAILED,
                    "the disk became full during recovery",
                    "Free space, or set BACKUP_TEMP_DIR to a larger disk."),
            new Known(
                    "could not locate a valid checkpoint record|invalid (primary )?checkpoint|could not locate required checkpoint",
                    ExitCode.INTEGRITY,
                    "the base and its WAL do not fit together",
                    "Run `bactrian test --all`; recover from an earlier base."));

    static ServerLog read(Path log) {
        try {
            return new ServerLog(
                    Files.readString(log, StandardCharsets.ISO_8859_1).lines().toList());
        } catch (IOException e) {
            return new ServerLog(List.of());
        }
    }

    /** Its last lines, for a message. */
    String end() {
        return lines.isEmpty()
                ? "its log is empty"
                : String.join(" / ", lines.subList(Math.max(0, lines.size() - 3), lines.size()));
    }

    Optional<String> lastTransaction() {
        return lines.stream()
                .map(LAST::matcher)
                .filter(Matcher::find)
                .map(found -> found.group(1))
                .reduce((first, second) -> second);
    }

    /** A server that opens has reached its target; that it says so is the proof. */
    void requireTarget() {
        if (lines.stream().noneMatch(line -> STOPPING.matcher(line).find())) {
            throw Failure.integrity(
                    "the temporary server opened without saying that it reached the target",
                    "Do not trust what it holds; report this.");
        }
    }

    Failure explain(Failure failure) {
        for (Known known : KNOWN) {
            Optional<String> said = lines.stream()
                    .filter(line -> known.words().matcher(line).find())
                    .findFirst();
            if (said.isPresent()) {
                return new Failure(known.exitCode(), known.message() + ": " + said.get(), known.hint(), failure);
            }
        }
        return failure;
    }
}
