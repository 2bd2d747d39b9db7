package io.bactrian.pipeline;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.util.List;

/** The exit code and the last words of a program, as what a person needs. */
final class ToolFailure {
    private static final String LOCKED =
            "Somebody holds an exclusive lock on that table: try again later, or raise BACKUP_LOCK_TIMEOUT.";
    private static final List<Explained> KNOWN = List.of(
            new Explained(
                    "permission denied",
                    ExitCode.PRECONDITION,
                    "Grant the backup role what it lacks: run sql/backup-role.sql again; `bactrian check` lists what it cannot read."),
            new Explained(
                    "row-level security",
                    ExitCode.PRECONDITION,
                    "ALTER ROLE … BYPASSRLS for the role that makes backups."),
            new Explained("canceling statement due to lock timeout", ExitCode.FAILED, LOCKED),
            // what pg_dump makes of --lock-wait-timeout; it has no other time limit
            new Explained("canceling statement due to statement timeout", ExitCode.FAILED, LOCKED),
            new Explained("No space left on device", ExitCode.FAILED, "Free space where the message says."),
            new Explained(
                    "role \"",
                    ExitCode.PRECONDITION,
                    "A role that the backup names does not exist here: create it, or restore with --globals first."),
            new Explained(
                    "is not available", ExitCode.PRECONDITION, "Install the extension's package on the target server."),
            new Explained(
                    "server version mismatch",
                    ExitCode.PRECONDITION,
                    "Install the client programs of the server's version, or set BACKUP_PG_BIN_DIR."),
            new Explained(
                    "server closed the connection",
                    ExitCode.FAILED,
                    "The server went away: look at its log, then run this again."),
            new Explained(
                    "connection to server",
                    ExitCode.PRECONDITION,
                    "`bactrian check` shows whether the server can be reached."));

    private record Explained(String words, ExitCode exitCode, String hint) {}

    private ToolFailure() {}

    static Failure of(String name, int code, List<String> said) {
        String words = String.join("\n", said);
        String how = code > 128 ? "was killed (signal " + (code - 128) + ")" : "failed (exit code " + code + ")";
        String message = name + " " + how + (words.isBlank() ? "" : ": " + words);
        Explained known = KNOWN.stream()
                .filter(k -> words.contains(k.words()))
                .findFirst()
                .orElse(new Explained(
                        "",
                        ExitCode.FAILED,
                        "The message is the program's own; run this again once its cause is gone."));
        return new Failure(known.exitCode(), message, known.hint());
    }
}
