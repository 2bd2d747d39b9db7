package io.bactrian.postgres;

import io.bactrian.Failure;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Writes a custom-format archive that was made through a pipe to a file, in the form in which it loads fastest. Each table's entry
 * says where its data begin, as pg_dump notes it where it can seek: without that, each worker of {@code pg_restore --jobs} reads
 * the file from the front to find its table. And the data stand in pieces of up to {@value #PIECE_BYTES} bytes in place of one a
 * row, since pg_restore and the server handle each piece as a message.
 */
public final class ArchiveSpool {
    private static final byte OFFSET_SET = 2; // K_OFFSET_POS_SET

    private static final int TABLE_DATA = 1;
    private static final int LARGE_OBJECTS = 3;

    private static final int PIECE_BYTES = 64 * 1024;

    private final ArchiveCopy copy;
    private final ArchiveReader.Layout layout;
    private final Map<Long, Long> dataByField = new LinkedHashMap<>();
    private final byte[] piece = new byte[PIECE_BYTES];

    private ArchiveSpool(ArchiveCopy copy, ArchiveReader.Layout layout) {
        this.copy = copy;
        this.layout = layout;
    }

    /**
     * An archive of unknown format is written byte for byte; it is for pg_restore to judge.
     *
     * @throws Failure integrity, if an archive is cut short or damaged
     */
    public static void write(InputStream archive, FileChannel file) throws IOException {
        ArchiveCopy copy = new ArchiveCopy(archive, file);
        ArchiveReader.Layout layout;
        try {
            layout = ArchiveReader.layout(copy, copy::written);
        } catch (Failure unknown) {
            if (copy.hasFailed()) {
                throw unknown;
            }
            copy.rest();
            return;
        }
        if (layout.offsetBytes() == Long.BYTES) {
            new ArchiveSpool(copy, layout).writeData(file);
        } else {
            copy.rest();
        }
    }

    private void writeData(FileChannel file) throws IOException {
        try {
            writeBlocks();
        } catch (EOFException truncated) {
            throw ArchiveReader.damaged("it ends within its data");
        }
        copy.flush();
        for (Map.Entry<Long, Long> place : dataByField.entrySet()) {
            note(place.getKey(), place.getValue(), file);
        }
    }

    /** As _skipData() and _skipBlobs() of pg_backup_custom.c read them. */
    private void writeBlocks() throws IOException {
        long begins = copy.written();
        for (int kind = copy.read(); kind >= 0; kind = copy.read()) {
            Long field = layout.offsetFields().get(copiedInteger());
            if (field == null || (kind != TABLE_DATA && kind != LARGE_OBJECTS)) {
                throw ArchiveReader.damaged("a block of data belongs to no entry");
            }
            dataByField.put(field, begins);
            if (kind == TABLE_DATA) {
                writePieces();
            } else {
                while (copiedInteger() != 0) { // the large object's OID
                    writePieces();
                }
            }
            begins = copy.written();
        }
    }

    private void writePieces() throws IOException {
        int filled = 0;
        for (int length = takenInteger(); length != 0; length = takenInteger()) {
            if (length < 0) {
                throw ArchiveReader.damaged("a piece of data has a negative length");
            }
            if (filled + length > PIECE_BYTES) {
                put(filled);
                filled = 0;
            }
            if (length > PIECE_BYTES) {
                putInteger(length);
                copy.copy(length);
            } else {
                copy.take(piece, filled, length);
                filled += length;
            }
        }
        put(filled);
        putInteger(0);
    }

    private void put(int filled) throws IOException {
        if (filled > 0) {
            putInteger(filled);
            copy.put(piece, 0, filled);
        }
    }

    private int copiedInteger() throws IOException {
        int value = takenInteger();
        putInteger(value);
        return value;
    }

    /** A sign, then the magnitude, lowest byte first. */
    private int takenInteger() throws IOException {
        boolean negative = copy.take() != 0;
        int magnitude = 0;
        for (int index = 0; index < layout.integerBytes(); index++) {
            magnitude |= copy.take() << (Byte.SIZE * index);
        }
        return negative ? -magnitude : magnitude;
    }

    private void putInteger(int value) throws IOException {
        copy.put(value < 0 ? 1 : 0);
        for (int index = 0; index < layout.integerBytes(); index++) {
            copy.put(Math.abs(value) >>> (Byte.SIZE * index));
        }
    }

    private static void note(long field, long data, FileChannel file) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(1 + Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put(OFFSET_SET).putLong(data).flip();
        long position = field;
        while (bytes.hasRemaining()) {
            position += file.write(bytes, position);
        }
    }
}
