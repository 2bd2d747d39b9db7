package io.bactrian.acceptance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Something that happened to a stored file.
 *
 * @param what for the reader of a failed test
 */
record Damage(String what, Path file, UnaryOperator<byte[]> change) {
    /** Everything that can happen to each file of a backup's folder. {@code other} is another backup's folder. */
    static List<Damage> ofEachFile(Path backup, Path other) throws IOException {
        List<Damage> all = new ArrayList<>();
        for (Path file : Aftermath.entries(backup)) {
            all.add(new Damage("missing", file, bytes -> null));
            all.add(new Damage("empty", file, bytes -> new byte[0]));
            all.add(new Damage("cut to half", file, bytes -> Arrays.copyOf(bytes, bytes.length / 2)));
            all.add(new Damage("one byte flipped in the middle", file, bytes -> flipped(bytes, bytes.length / 2)));
            byte[] others = read(other.resolve(file.getFileName()));
            if (!Arrays.equals(others, read(file))) {
                all.add(new Damage("swapped", file, bytes -> others));
            }
            if (!isText(file)) {
                all.add(new Damage("first byte flipped", file, bytes -> flipped(bytes, 0)));
                all.add(new Damage("last byte missing", file, bytes -> Arrays.copyOf(bytes, bytes.length - 1)));
                all.add(new Damage("last byte flipped", file, bytes -> flipped(bytes, bytes.length - 1)));
                all.add(new Damage("a byte more", file, bytes -> Arrays.copyOf(bytes, bytes.length + 1)));
            }
        }
        return all;
    }

    /** A signature or digest says the same with another first or last line. */
    private static boolean isText(Path file) {
        return file.toString().endsWith(".sig") || file.toString().endsWith(".sha256");
    }

    static byte[] flipped(byte[] bytes, int position) {
        byte[] changed = bytes.clone();
        changed[position] ^= 1;
        return changed;
    }

    /** Does it, runs the work, undoes it. */
    void during(Work work) throws Exception {
        byte[] before = read(file);
        byte[] after = change.apply(before);
        if (after == null) {
            Files.delete(file);
        } else {
            Files.write(file, after);
        }
        try {
            work.run();
        } finally {
            Files.write(file, before);
        }
    }

    @FunctionalInterface
    interface Work {
        void run() throws Exception;
    }

    static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }

    static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return file.getFileName() + " " + what;
    }
}
