package io.bactrian;

/** The one table of exit codes; scripts and monitoring depend on these numbers. */
public enum ExitCode {
    DONE(0),
    /** Something failed while running. */
    FAILED(1),
    /** Wrong usage or configuration. */
    USAGE(2),
    /** A precondition is missing: server, tool, privilege, key, or the target exists. */
    PRECONDITION(3),
    /** Stored data is damaged, forged or missing. */
    INTEGRITY(4),
    /** Another run holds the lock (EX_TEMPFAIL of sysexits.h). */
    BUSY(75);

    private final int number;

    ExitCode(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }
}
