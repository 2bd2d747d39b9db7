package io.bactrian.repository;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.RandomAccess;
import java.util.stream.IntStream;

/**
 * A sorted list of paths, in about ten bytes for each: of a path only what differs from the one before it is kept, and every
 * sixteenth whole. A listing may have millions. Immutable.
 */
final class SortedPaths extends AbstractList<String> implements RandomAccess {
    private static final int BLOCK = 16;
    private static final int MOST_SHARED = 255;

    private final byte[] content;
    private final int[] blocks;
    private final int size;

    private SortedPaths(byte[] content, int[] blocks, int size) {
        this.content = content;
        this.blocks = blocks;
        this.size = size;
    }

    @Override
    public String get(int index) {
        java.util.Objects.checkIndex(index, size);
        return iterator(index, index + 1).next();
    }

    @Override
    public Iterator<String> iterator() {
        return iterator(0, size);
    }

    /** Those from one place to another, read in one go. */
    Iterator<String> iterator(int from, int to) {
        if (from == to) {
            return Collections.emptyIterator();
        }
        Reader reader = new Reader(blocks[from / BLOCK]);
        for (int i = 0; i < from % BLOCK; i++) {
            reader.skip();
        }
        return IntStream.range(from, to).mapToObj(i -> reader.read()).iterator();
    }

    /** From the beginning of a block on. */
    private final class Reader {
        private int at;
        private byte[] path = new byte[MOST_SHARED];
        private int length;

        Reader(int at) {
            this.at = at;
        }

        void skip() {
            int shared = content[at] & 0xff;
            int rest = (content[at + 1] & 0xff) << 8 | content[at + 2] & 0xff;
            length = shared + rest;
            if (length > path.length) {
                path = Arrays.copyOf(path, length);
            }
            System.arraycopy(content, at + 3, path, shared, rest);
            at += 3 + rest;
        }

        String read() {
            skip();
            return new String(path, 0, length, StandardCharsets.UTF_8);
        }
    }

    @Override
    public int size() {
        return size;
    }

    /** The order of two paths in UTF-8: that of {@link String#compareTo}, which in a few cases is not that of their bytes. */
    static int compare(byte[] one, byte[] other) {
        int at = Arrays.mismatch(one, other);
        return at < 0 || at == one.length || at == other.length
                ? one.length - other.length
                : rank(one[at] & 0xff) - rank(other[at] & 0xff);
    }

    /** Characters outside the basic plane (first byte F0 or more) come before the last ones in it (EE, EF): surrogates do. */
    private static int rank(int utf8) {
        return utf8 == 0xee || utf8 == 0xef ? 0x100 + utf8 : utf8;
    }

    /** Takes paths in their order. */
    static final class Builder {
        private final ByteArrayOutputStream content = new ByteArrayOutputStream(0);
        private int[] blocks = new int[1];
        private byte[] before = new byte[0];
        private int size;

        /** In UTF-8. */
        void add(byte[] bytes) {
            int shared = 0;
            if (size % BLOCK == 0) {
                if (size / BLOCK == blocks.length) {
                    blocks = Arrays.copyOf(blocks, blocks.length * 2);
                }
                blocks[size / BLOCK] = content.size();
            } else {
                int differs = Arrays.mismatch(before, bytes);
                shared = Math.min(differs < 0 ? bytes.length : differs, MOST_SHARED);
            }
            int rest = bytes.length - shared;
            content.write(shared);
            content.write(rest >>> 8);
            content.write(rest);
            content.write(bytes, shared, rest);
            before = bytes;
            size++;
        }

        SortedPaths build() {
            return new SortedPaths(content.toByteArray(), Arrays.copyOf(blocks, (size + BLOCK - 1) / BLOCK), size);
        }
    }
}
