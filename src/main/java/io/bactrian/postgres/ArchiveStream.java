package io.bactrian.postgres;

import io.bactrian.Failure;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;

/**
 * A custom-format archive that comes in as a stream. Its head is written to a file, which is all that {@code pg_restore} needs for
 * definitions. The data follow once: into that file too, or rows straight into their tables.
 *
 * <p>In the file it has the form in which it loads fastest. Each entry says where its data begin, as pg_dump notes it where it can
 * seek: without that, each worker of {@code pg_restore --jobs} reads the file from the front to find its table. And the data stand
 * in pieces of up to {@value #PIECE_BYTES} bytes in place of one a row, since pg_restore and the server handle each piece as a
 * message.
 */
public final class ArchiveStream implements AutoCloseable {
    private static final byte OFFSET_SET = 2; // K_OFFSET_POS_SET

    private static final int TABLE_DATA = 1;
    private static final int LARGE_OBJECTS = 3;

    private static final int PIECE_BYTES = 64 * 1024;

    private final InputStream source;
    private final FileChannel file;
    private final ArchiveCopy copy;
    private final ArchiveHead head;
    private final byte[] piece = new byte[PIECE_BYTES];

    private ArchiveStream(InputStream source, FileChannel file) throws IOException {
        this.source = source;
        this.file = file;
        this.copy = new ArchiveCopy(source, file);
        this.head = ArchiveReader.read(copy, copy::written);
        copy.flush();
    }

    /**
     * Reads the head. The file, 0600, is not synced, since it goes with the run.
     *
     * @param archive is closed with this, or if this fails
     * @throws Failure integrity, if it is cut short or damaged
     */
    public static ArchiveStream open(InputStream archive, Path file) throws IOException {
        FileChannel channel = FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            return new ArchiveStream(archive, channel);
        } catch (IOException | RuntimeException e) {
            try (archive) {
                channel.close();
            }
            throw e;
        }
    }

    public TableOfContents contents() {
        return new TableOfContents(head);
    }

    /** Reads all that is left into the file. */
    public void spool() throws IOException {
        read(entry -> Optional.empty());
    }

    /**
     * Reads all that is left: rows into their tables, into the file what pg_restore will look for, and nothing else.
     *
     * @param tables have been made
     */
    public void load(LoadOrder order, ParallelCopy tables) throws IOException {
        Set<Integer> missing = new HashSet<>(order.rows().keySet());
        read(entry -> {
            CopyStatement statement = order.rows().get(entry);
            if (statement == null) {
                return order.kept().contains(entry) ? Optional.empty() : Optional.of(OutputStream.nullOutputStream());
            }
            if (!missing.remove(entry)) {
                throw damaged("the rows of " + statement.table() + " come twice");
            }
            return Optional.of(tables.rows(statement));
        });
        if (!missing.isEmpty()) {
            throw damaged("it ends before the rows of "
                    + order.rows().get(missing.iterator().next()).table());
        }
    }

    /** @param elsewhere for an entry, who takes its data in place of the file */
    private void read(IntFunction<Optional<OutputStream>> elsewhere) throws IOException {
        try {
            readBlocks(elsewhere);
        } catch (EOFException truncated) {
            throw damaged("it ends within its data");
        }
        copy.flush();
    }

    /** As _skipData() and _skipBlobs() of pg_backup_custom.c read them. */
    private void readBlocks(IntFunction<Optional<OutputStream>> elsewhere) throws IOException {
        for (int kind = copy.takeIfAny(); kind >= 0; kind = copy.takeIfAny()) {
            long begins = copy.taken() - 1;
            int entry = takenInteger();
            Long field = head.offsetFields().get(entry);
            if (field == null || (kind != TABLE_DATA && kind != LARGE_OBJECTS)) {
                throw damaged("a block of data belongs to no entry");
            }
            Optional<OutputStream> receiver = elsewhere.apply(entry);
            if (receiver.isPresent()) {
                note(field, begins); // nobody will look there, but pg_restore learns how large the tables are
                send(kind, receiver.get());
            } else {
                note(field, copy.written());
                copy.put(kind);
                putInteger(entry);
                write(kind);
            }
        }
    }

    /** Closes the receiver only when it has all of it: half of a row could pass for a whole one. */
    private void send(int kind, OutputStream receiver) throws IOException {
        if (kind == TABLE_DATA) {
            sendPieces(receiver);
        } else {
            while (takenInteger() != 0) { // the large object's OID
                sendPieces(receiver);
            }
        }
        receiver.close();
    }

    private void sendPieces(OutputStream receiver) throws IOException {
        for (int length = takenLength(); length != 0; length = takenLength()) {
            copy.send(length, receiver);
        }
    }

    private void write(int kind) throws IOException {
        if (kind == TABLE_DATA) {
            writePieces();
        } else {
            for (int oid = takenInteger(); oid != 0; oid = takenInteger()) {
                putInteger(oid);
                writePieces();
            }
            putInteger(0);
        }
    }

    private void writePieces() throws IOException {
        int filled = 0;
        for (int length = takenLength(); length != 0; length = takenLength()) {
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

    private int takenLength() throws IOException {
        int length = takenInteger();
        if (length < 0) {
            throw damaged("a piece of data has a negative length");
        }
        return length;
    }

    /** A sign, then the magnitude, lowest byte first. */
    private int takenInteger() throws IOException {
        boolean negative = copy.take() != 0;
        int magnitude = 0;
        for (int index = 0; index < head.integerBytes(); index++) {
            magnitude |= copy.take() << (Byte.SIZE * index);
        }
        return negative ? -magnitude : magnitude;
    }

    private void putInteger(int value) throws IOException {
        copy.put(value < 0 ? 1 : 0);
        for (int index = 0; index < head.integerBytes(); index++) {
            copy.put(Math.abs(value) >>> (Byte.SIZE * index));
        }
    }

    private void note(long field, long data) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(1 + head.offsetBytes()).put(OFFSET_SET);
        for (int index = 0; index < head.offsetBytes(); index++) {
            bytes.put((byte) (data >>> (Byte.SIZE * index)));
        }
        bytes.flip();
        long position = field;
        while (bytes.hasRemaining()) {
            position += file.write(bytes, position);
        }
    }

    static Failure damaged(String why) {
        return Failure.integrity("The dump is damaged: " + why + ".", "Restore from another backup or store.");
    }

    @Override
    public void close() throws IOException {
        try (source) {
            file.close();
        }
    }
}
