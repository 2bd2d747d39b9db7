package io.bactrian.acceptance;

import io.bactrian.postgres.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** PostgreSQL's programs as BACKUP_PG_BIN_DIR may name them, of which one does something else as well. */
record ToolFolder(Path folder) {
    private static final Tools REAL = Tools.locateServer(Optional.empty());

    static ToolFolder in(Path folder) throws IOException {
        Files.createDirectories(folder);
        try (var programs = Files.list(REAL.directory())) {
            for (Path program : programs.toList()) {
                Files.createSymbolicLink(folder.resolve(program.getFileName()), program);
            }
        }
        return new ToolFolder(folder);
    }

    /** Shell lines in place of a program; {@code $REAL "$@"} runs the real one. */
    ToolFolder replace(String program, String lines) throws IOException {
        Path file = folder.resolve(program);
        Files.deleteIfExists(file);
        Files.writeString(file, "#!/bin/sh\nREAL=" + REAL.program(program) + "\n" + lines + "\n");
        file.toFile().setExecutable(true);
        return this;
    }

    /** A program that uses these. */
    Program of(Program program) {
        return program.with("BACKUP_PG_BIN_DIR", folder.toString());
    }
}
