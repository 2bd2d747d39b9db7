package io.bactrian.acceptance;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bactrian.postgres.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The PostgreSQL 17 of a Debian 13 tree, to be run outside of it: each program is a script that starts the real one with the
 * loader and the libraries of the tree, whose names and permissions any account may pass.
 */
final class Debian13 implements AutoCloseable {
    private static final Path TREE = Path.of(System.getProperty("user.home"), ".cache/bactrian/trixie");
    private static final Path PROGRAMS = Path.of("usr/lib/postgresql/17");

    private final Path folder;
    private final Tools tools;

    private Debian13(Path folder, Tools tools) {
        this.folder = folder;
        this.tools = tools;
    }

    /** Skips the test where there is no such tree. */
    static Debian13 unpack() throws Exception {
        assumeTrue(
                Files.isExecutable(TREE.resolve(PROGRAMS).resolve("bin/postgres")),
                "no Debian 13 with PostgreSQL 17: as root, ./run-tests makes one in " + TREE);
        Path folder = Files.createTempDirectory("debian13");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        // links where that goes, since it is 300 MB; PostgreSQL finds its other files by where its programs are
        new Shell(folder, Map.of("TREE", TREE.toString())).run("""
                set -e
                copy() {
                    mkdir -p "$(dirname "$2")"
                    cp -al "$TREE"/$1 "$2" 2>/dev/null || { rm -rf "$2"; cp -a "$TREE"/$1 "$2"; }
                }
                copy 'usr/lib/*-linux-gnu' libraries
                copy usr/share/postgresql usr/share/postgresql
                copy usr/lib/postgresql/17/lib usr/lib/postgresql/17/lib
                copy usr/lib/postgresql/17/bin programs
                """);
        Path bin = Files.createDirectories(folder.resolve(PROGRAMS).resolve("bin"));
        for (Path program : Aftermath.entries(folder.resolve("programs"))) {
            script(folder, bin.resolve(program.getFileName()));
        }
        return new Debian13(folder, Tools.locateServer(Optional.of(bin)));
    }

    private static void script(Path folder, Path script) throws IOException {
        Files.writeString(
                script,
                "#!/bin/sh\nexec " + folder + "/libraries/ld-linux-*.so.? --library-path " + folder
                        + "/libraries --argv0 \"$0\" "
                        + folder.resolve("programs").resolve(script.getFileName())
                        + " \"$@\"\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    Tools tools() {
        return tools;
    }

    @Override
    public void close() throws Exception {
        new Shell(folder.getParent(), Map.of()).run(List.of("rm", "-rf", folder.toString()), "");
    }
}
