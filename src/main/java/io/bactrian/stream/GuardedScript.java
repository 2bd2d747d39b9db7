package io.bactrian.stream;

import io.bactrian.Failure;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Passes an SQL script of pg_dump on, but stops before a line that would leave the database: {@code pg_dump --create} writes
 * {@code \connect}, which would load into the original instead of the new database. Its end is an end only if pg_dump wrote
 * it: psql takes a script that was cut within a table's rows for a whole one.
 */
public final class GuardedScript extends FilterInputStream {
    private static final List<String> REFUSED = List.of("\\connect", "\\c ", "DROP DATABASE ", "CREATE DATABASE ");
    private static final String BEGINNING = "-- PostgreSQL database dump";
    private static final String END = BEGINNING + " complete";
    /** Ends the statement before a table's rows; pg_dump always names the columns. */
    private static final byte[] ROWS_FOLLOW = ") FROM stdin;".getBytes(StandardCharsets.US_ASCII);

    private static final String END_OF_ROWS = "\\.";

    private final byte[] lineStart = new byte[END.length() + 1];
    private int known;
    private int matched;
    private boolean suspicious = true;
    private boolean inRows;
    private boolean begun;
    private boolean ended;
    private boolean empty = true;

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
        if (n < 0) {
            endLine();
            refuseWhatIsNotWhole();
        }
        return n;
    }

    private void look(byte b) {
        empty = false;
        if (b == '\n') {
            endLine();
            return;
        }
        if (known < lineStart.length) {
            lineStart[known++] = b;
            refuseWhatLeaves();
        }
        boolean goesOn = matched < ROWS_FOLLOW.length && b == ROWS_FOLLOW[matched];
        matched = goesOn ? matched + 1 : b == ROWS_FOLLOW[0] ? 1 : 0;
    }

    private void endLine() {
        String start = start();
        if (inRows) {
            inRows = !start.equals(END_OF_ROWS);
        } else {
            inRows = matched == ROWS_FOLLOW.length;
            begun |= start.equals(BEGINNING);
            ended |= start.equals(END);
        }
        known = 0;
        matched = 0;
        suspicious = !inRows;
    }

    private void refuseWhatLeaves() {
        if (!suspicious) {
            return;
        }
        String start = start();
        if (REFUSED.contains(start)) {
            throw Failure.precondition(
                    "the script holds \"" + start.strip() + "\", so it would leave the database it is restored into",
                    "It was made by pg_dump --create or pg_dumpall: remove that line, or load it with psql by hand.");
        }
        suspicious = REFUSED.stream().anyMatch(refused -> refused.startsWith(start));
    }

    private void refuseWhatIsNotWhole() {
        if (empty || inRows || begun && !ended) {
            throw Failure.integrity(
                    empty ? "the script is empty" : "the script was cut short: it does not end as pg_dump ends one",
                    "Restore another dump, or another copy of this one.");
        }
    }

    private String start() {
        return new String(lineStart, 0, known, StandardCharsets.ISO_8859_1);
    }
}
