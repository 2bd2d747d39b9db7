package io.bactrian.repository;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.RandomAccess;

/** The paths of several lists, one list after the other, without a copy of any. Immutable. */
final class JoinedPaths extends AbstractList<String> implements RandomAccess {
    private final List<SortedPaths> parts;
    private final int[] starts;
    private final int size;

    /** @param parts none of them empty */
    JoinedPaths(List<SortedPaths> parts) {
        this.parts = List.copyOf(parts);
        int[] sizes = parts.stream().mapToInt(List::size).toArray();
        Arrays.parallelPrefix(sizes, Integer::sum);
        this.size = sizes.length == 0 ? 0 : sizes[sizes.length - 1];
        this.starts = new int[sizes.length];
        if (sizes.length > 0) {
            System.arraycopy(sizes, 0, starts, 1, sizes.length - 1);
        }
    }

    private int partOf(int index) {
        int found = Arrays.binarySearch(starts, index);
        return found < 0 ? -found - 2 : found;
    }

    @Override
    public String get(int index) {
        int part = partOf(Objects.checkIndex(index, size));
        return parts.get(part).get(index - starts[part]);
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public Iterator<String> iterator() {
        return new Walk(0, size);
    }

    @Override
    public List<String> subList(int from, int to) {
        Objects.checkFromToIndex(from, to, size);
        return new AbstractList<>() {
            @Override
            public String get(int index) {
                return JoinedPaths.this.get(from + Objects.checkIndex(index, size()));
            }

            @Override
            public int size() {
                return to - from;
            }

            @Override
            public Iterator<String> iterator() {
                return new Walk(from, to);
            }
        };
    }

    /** From one place to another, each part in one go. */
    private final class Walk implements Iterator<String> {
        private final int to;
        private int at;
        private Iterator<String> rest = Collections.emptyIterator();

        Walk(int from, int to) {
            this.at = from;
            this.to = to;
        }

        @Override
        public boolean hasNext() {
            return at < to;
        }

        @Override
        public String next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            if (!rest.hasNext()) {
                int part = partOf(at);
                rest = parts.get(part)
                        .iterator(at - starts[part], parts.get(part).size());
            }
            at++;
            return rest.next();
        }
    }
}
