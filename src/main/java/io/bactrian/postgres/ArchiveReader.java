package io.bactrian.postgres;

import io.bactrian.Failure;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the head of a custom-format archive, as ReadHead() and ReadToc() of pg_dump's pg_backup_archiver.c do. The text that
 * {@code pg_restore --list} makes of it cannot be taken apart again where a name holds a space.
 */
final class ArchiveReader {
    private static final byte[] MAGIC = "PGDMP".getBytes(StandardCharsets.US_ASCII);
    private static final int CUSTOM_FORMAT = 1;
    /** Archive versions are 1.x; of PostgreSQL 12 to 15. */
    private static final int VERSION_OF_12 = 14;
    /** Compression algorithms other than gzip. */
    private static final int VERSION_OF_16 = 15;
    /** The kind of relation in every entry. Also of 18. */
    private static final int VERSION_OF_17 = 16;

    private static final int DATE_FIELDS = 7;
    private static final int PRE_DATA = 2; // SECTION_PRE_DATA
    private static final Pattern SET_ENCODING = Pattern.compile("^SET client_encoding = '(\\w+)'");
    private static final int FLAG_AND_OID_FIELDS = 2;

    private final DataInputStream in;
    private final LongSupplier position;
    private final Map<Integer, Long> offsetFields = new HashMap<>();
    private int version;
    private int integerBytes;
    private int offsetBytes;
    private boolean compressed;
    private String encoding = "";

    private ArchiveReader(InputStream archive, LongSupplier position) {
        this.in = new DataInputStream(archive);
        this.position = position;
    }

    /** The number of entries, which stands right after the head. */
    static int count(InputStream archive) throws IOException {
        try {
            ArchiveReader reader = new ArchiveReader(archive, () -> 0);
            reader.readHead();
            return reader.readInteger();
        } catch (EOFException truncated) {
            throw damaged("it ends within its head");
        }
    }

    /** Reads up to the first data block and leaves the rest of the stream alone; does not close it. */
    static ArchiveHead read(InputStream archive) throws IOException {
        return read(archive, () -> 0);
    }

    /** @param position of {@code archive} */
    static ArchiveHead read(InputStream archive, LongSupplier position) throws IOException {
        try {
            ArchiveReader reader = new ArchiveReader(archive, position);
            reader.readHead();
            List<ArchiveEntry> entries = reader.readEntries();
            return new ArchiveHead(
                    entries,
                    reader.encoding,
                    reader.compressed,
                    reader.offsetFields,
                    reader.integerBytes,
                    reader.offsetBytes);
        } catch (EOFException truncated) {
            throw damaged("it ends within its table of contents");
        }
    }

    private void readHead() throws IOException {
        if (!Arrays.equals(in.readNBytes(MAGIC.length), MAGIC)) {
            throw Failure.integrity(
                    "This is not a custom-format dump: it does not begin with PGDMP.",
                    "Single tables can only be restored from a dump of BACKUP_FORMAT=custom.");
        }
        int major = in.readUnsignedByte();
        version = in.readUnsignedByte();
        int revision = in.readUnsignedByte();
        if (major != 1 || version < VERSION_OF_12 || version > VERSION_OF_17) {
            throw Failure.precondition(
                    "The dump's archive format " + major + "." + version + "." + revision
                            + " is not known here; 1.14 to 1.16 (pg_dump 12 to 18) are.",
                    "Take it out by the line `open` of its manifest, and load it with its own version of pg_restore.");
        }
        integerBytes = in.readUnsignedByte();
        offsetBytes = in.readUnsignedByte();
        int format = in.readUnsignedByte();
        if (format != CUSTOM_FORMAT || integerBytes > Integer.BYTES) {
            throw damaged("its head is not that of a custom-format dump");
        }
        readCompression();
        for (int field = 0; field < DATE_FIELDS; field++) {
            readInteger();
        }
        skipString(); // database
        skipString(); // server version
        skipString(); // pg_dump version
    }

    private void readCompression() throws IOException {
        compressed = (version >= VERSION_OF_16 ? in.readUnsignedByte() : readInteger()) != 0;
    }

    private List<ArchiveEntry> readEntries() throws IOException {
        int count = readInteger();
        List<ArchiveEntry> entries = new ArrayList<>();
        for (int entry = 0; entry < count; entry++) {
            entries.add(readEntry());
        }
        return List.copyOf(entries);
    }

    private ArchiveEntry readEntry() throws IOException {
        int id = readInteger();
        readInteger(); // has data
        for (int field = 0; field < FLAG_AND_OID_FIELDS; field++) {
            skipString();
        }
        String name = readString();
        String type = readString();
        boolean preData = readInteger() == PRE_DATA;
        if (type.equals("ENCODING")) {
            encoding = encodingSet(readString());
        } else {
            skipString(); // definition
        }
        skipString(); // drop statement
        String copy = readString();
        String schema = readString();
        skipString(); // tablespace
        skipString(); // access method
        if (version >= VERSION_OF_17) {
            readInteger(); // kind of relation
        }
        skipString(); // owner
        skipString(); // has OIDs
        List<Integer> dependencies = readDependencies();
        offsetFields.put(id, position.getAsLong());
        in.skipNBytes(1L + offsetBytes);
        return new ArchiveEntry(id, type, schema, name, preData, copy, dependencies);
    }

    private static String encodingSet(String statement) {
        Matcher set = SET_ENCODING.matcher(statement);
        return set.find() ? set.group(1) : "";
    }

    private List<Integer> readDependencies() throws IOException {
        List<Integer> dependencies = new ArrayList<>();
        for (int length = readInteger(); length >= 0; length = readInteger()) {
            dependencies.add(number(readText(length)));
        }
        return dependencies;
    }

    /** A sign, then the magnitude, lowest byte first. */
    private int readInteger() throws IOException {
        boolean negative = in.readUnsignedByte() != 0;
        int magnitude = 0;
        for (int index = 0; index < integerBytes; index++) {
            magnitude |= in.readUnsignedByte() << (Byte.SIZE * index);
        }
        return negative ? -magnitude : magnitude;
    }

    /** Empty where the archive has no string at all. */
    private String readString() throws IOException {
        int length = readInteger();
        return length < 0 ? "" : readText(length);
    }

    private String readText(int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException();
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private void skipString() throws IOException {
        int length = readInteger();
        if (length > 0) {
            in.skipNBytes(length);
        }
    }

    private static int number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException notOne) {
            throw damaged("a dependency is not a number");
        }
    }

    static Failure damaged(String why) {
        return Failure.integrity(
                "The dump's table of contents is damaged: " + why + ".", "Restore from another backup or store.");
    }
}
