package io.bactrian.postgres;

import java.io.IOException;
import java.io.OutputStream;

/**
 * The rows of one table, cut into pieces at an end of line: inside a value COPY's text format has none (manual, COPY, File Formats).
 * A row larger than a piece goes on in the next one.
 */
final class CopyRows extends OutputStream {
    /** Held back until the end, so that the marker of the end and its line ends are in one piece. */
    private static final int HELD_BYTES = 8;

    private final ParallelCopy copy;
    private final CopyStatement statement;
    private byte[] piece;
    private int length;

    CopyRows(ParallelCopy copy, CopyStatement statement) {
        this.copy = copy;
        this.statement = statement;
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] rows, int offset, int count) throws IOException {
        int done = 0;
        while (done < count) {
            if (piece == null) {
                piece = copy.buffer();
            }
            int n = Math.min(count - done, piece.length - length);
            System.arraycopy(rows, offset + done, piece, length, n);
            length += n;
            done += n;
            if (length == piece.length) {
                sendWholeRows();
            }
        }
    }

    private void sendWholeRows() throws IOException {
        int end = length - HELD_BYTES;
        while (end > 0 && piece[end - 1] != '\n') {
            end--;
        }
        boolean endsRow = end > 0;
        int sent = endsRow ? end : length - HELD_BYTES;
        int rest = length - sent;
        byte[] next = copy.buffer();
        System.arraycopy(piece, sent, next, 0, rest);
        send(sent, endsRow);
        piece = next;
        length = rest;
    }

    private void send(int bytes, boolean endsRow) {
        copy.send(statement, piece, bytes, endsRow);
        piece = null;
        length = 0;
    }

    /** pg_dump ends the rows of a table with a line of a backslash and a period, and two empty ones: that is no row. */
    @Override
    public void close() throws IOException {
        int end = length;
        while (end > 0 && piece[end - 1] == '\n') {
            end--;
        }
        int rows = end - 2;
        boolean isMarked = rows >= 0
                && piece[rows] == '\\'
                && piece[rows + 1] == '.'
                && (rows == 0 ? !copy.isWithinRow() : piece[rows - 1] == '\n');
        if (!isMarked) {
            throw ArchiveStream.damaged("the rows of " + statement.table() + " have no end");
        }
        send(rows, true);
        copy.throwFailure();
    }
}
