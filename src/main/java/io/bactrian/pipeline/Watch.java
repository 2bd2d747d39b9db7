package io.bactrian.pipeline;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Sees that somebody has changed routes or settings, and is done with it. Polls, as network file systems tell nothing. */
final class Watch {
    private final Path home;
    private String used;
    private String seen;

    Watch(Path home) {
        this.home = home;
        this.used = look();
        this.seen = used;
    }

    /** True once for each change, when two looks in a row have found the same. */
    boolean hasChanged() {
        String now = look();
        boolean settled = now.equals(seen);
        seen = now;
        if (!settled || now.equals(used)) {
            return false;
        }
        used = now;
        return true;
    }

    private String look() {
        try (Stream<Path> routes = Files.walk(home.resolve("routes"));
                Stream<Path> all = Stream.concat(routes, Stream.of(home.resolve("application.properties")))) {
            return all.filter(Files::isRegularFile).sorted().map(Watch::state).collect(Collectors.joining("\n"));
        } catch (IOException | UncheckedIOException e) {
            return seen; // moved away just now: look again
        }
    }

    private static String state(Path file) {
        try {
            return file + " " + Files.size(file) + " " + Files.getLastModifiedTime(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
