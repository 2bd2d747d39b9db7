package io.bactrian.postgres;

import java.util.ArrayList;
import java.util.List;

/**
 * Has a program write its standard output in large pieces, into a pipe that holds many of them. PostgreSQL's programs write 4 KiB
 * at a time, and a pipe holds 64: a dump then waits, hundreds of thousands of times, for whoever reads it to have its turn.
 *
 * <p>Two programs do that before they become the one that is meant: Perl asks for the pipe (fcntl(2), {@code F_SETPIPE_SZ}), and
 * stdbuf(1) for the buffer. Both are a part of every Debian; where one is missing, or does not run, the output is only slower.
 */
public final class WideOutput {
    /** Two buffers: one can be written while the other is read. Larger pipes were no faster. */
    private static final int PIPE_BYTES = 256 << 10;

    private static final int BUFFER_BYTES = 128 << 10;

    /** F_SETPIPE_SZ is 1031; Perl has no name for it. */
    private static final String WIDEN = """
            pipe=$1 buffer=$2
            shift 2
            export PERL_BADLANG=0
            ! stdbuf --output="$buffer" true 2>/dev/null || set -- stdbuf --output="$buffer" "$@"
            ! perl -e 1 2>/dev/null ||
              set -- perl -e 'fcntl STDOUT, 1031, 0 + shift; exec { $ARGV[0] } @ARGV; exit 127' "$pipe" "$@"
            exec "$@"
            """;

    private WideOutput() {}

    /** The same command, in the same process; its exit code is that of the program, or 127 if there is none. */
    public static List<String> of(List<String> command) {
        List<String> wide = new ArrayList<>(List.of(
                "/bin/sh", "-c", WIDEN, "wide-output", String.valueOf(PIPE_BYTES), String.valueOf(BUFFER_BYTES)));
        wide.addAll(command);
        return wide;
    }
}
