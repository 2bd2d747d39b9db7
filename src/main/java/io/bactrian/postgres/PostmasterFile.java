package io.bactrian.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/** What a server says of itself in its data directory. */
record PostmasterFile(Path data) {
    private static final int STATUS = 7;

    /** The process that wrote it; empty if there is no such file. */
    OptionalLong pid() throws IOException {
        List<String> lines = lines();
        return lines.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(Long.parseLong(lines.get(0).strip()));
    }

    /** The eighth line is the status that pg_ctl waits for, too. */
    boolean isReady(Process server) throws IOException {
        List<String> lines = lines();
        return lines.size() > STATUS
                && lines.get(0).strip().equals(String.valueOf(server.pid()))
                && lines.get(STATUS).strip().equals("ready");
    }

    private List<String> lines() throws IOException {
        Path file = data.resolve("postmaster.pid");
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }
}
