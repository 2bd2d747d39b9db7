package io.bactrian.postgres;

/**
 * Something that a dump by this role would fail at or leave out.
 *
 * @param message names what cannot be read: the first few, and how many there are
 * @param hint what to do about it
 */
public record Blindspot(Severity severity, String message, String hint) {
    public enum Severity {
        /** The dump would fail, or hold less than it seems to: do not begin. */
        REFUSE,
        /** The dump can go on; the user must know what is not in it. */
        WARN
    }
}
