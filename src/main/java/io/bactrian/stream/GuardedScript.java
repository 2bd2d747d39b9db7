package io.bactrian.stream;

import io.bactrian.Failure;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Passes an SQL script of pg_dump on, but stops before a line that would leave the database: {@code pg_dump --create} writes
 * {@code \connect}, which would load into the original instead of the new database. COPY data cannot look like this, since a
 * backslash in it is doubled (PostgreSQL manual, COPY, text format).
 */
public final class GuardedScript extends FilterInputStream {
    private static final List<String> REFUSED = List.of("\\connect", "\\c ", "DROP DATABASE ", "CREATE DATABASE ");
    private static final int LONGEST = 16;

    private final byte[] lineStart = new byte[LONGEST];
    private int known;
    private boolean atStart = true;

    public GuardedScript(InputStream script) {
        super(script);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int n = in.read(target, offset, length);
        for (int i = 0; i < n; i++) {
            look(target[offset + i]);
        }
        return n;
    }

    private void look(byte b) {
        if (b == '\n') {
            atStart = true;
            known = 0;
        } else if (atStart) {
            lineStart[known++] = b;
            String start = new String(lineStart, 0, known, StandardCharsets.ISO_8859_1);
            if (REFUSED.contains(start)) {
                throw Failure.precondition(
                        "the script holds \"" + start.strip()
                                + "\", so it would leave the database it is restored into",
                        "It was made by pg_dump --create or pg_dumpall: remove that line, or load it with psql by hand.");
            }
            atStart = known < LONGEST && REFUSED.stream().anyMatch(refused -> refused.startsWith(start));
        }
    }
}
