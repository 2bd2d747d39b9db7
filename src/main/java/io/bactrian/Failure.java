package io.bactrian;

/**
 * What a person is told when something did not work: what failed and why (the message), what to do next (the hint), and the
 * exit code of the command. Unchecked, so that it passes through {@code InputStream.read} and Camel alike. Neither text may
 * ever hold a secret.
 */
public final class Failure extends RuntimeException {
    private final ExitCode exitCode;
    private final String hint;

    public Failure(ExitCode exitCode, String message, String hint) {
        this(exitCode, message, hint, null);
    }

    public Failure(ExitCode exitCode, String message, String hint, Throwable cause) {
        super(message, cause);
        this.exitCode = exitCode;
        this.hint = hint;
    }

    public static Failure running(String message, String hint) {
        return new Failure(ExitCode.FAILED, message, hint);
    }

    public static Failure usage(String message, String hint) {
        return new Failure(ExitCode.USAGE, message, hint);
    }

    public static Failure precondition(String message, String hint) {
        return new Failure(ExitCode.PRECONDITION, message, hint);
    }

    public static Failure integrity(String message, String hint) {
        return new Failure(ExitCode.INTEGRITY, message, hint);
    }

    public ExitCode exitCode() {
        return exitCode;
    }

    public String hint() {
        return hint;
    }
}
