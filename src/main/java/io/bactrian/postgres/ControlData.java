package io.bactrian.postgres;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What {@code pg_controldata} says of a data directory: its labels in English, and their values. */
record ControlData(Map<String, String> values) {
    static final String SHUT_DOWN = "shut down";
    static final String SHUT_DOWN_IN_RECOVERY = "shut down in recovery";

    static ControlData read(ServerPrograms programs, Guardian guardian, Path data) {
        String output = programs.output(guardian, "pg_controldata", List.of("--pgdata=" + data));
        return new ControlData(output.lines()
                .map(line -> line.split(":", 2))
                .filter(parts -> parts.length == 2)
                .collect(Collectors.toUnmodifiableMap(
                        parts -> parts[0].strip(), parts -> parts[1].strip(), (a, b) -> a)));
    }

    /** Such as {@link #SHUT_DOWN}. */
    String state() {
        return values.getOrDefault("Database cluster state", "unknown");
    }

    /** Bytes of a WAL segment. */
    int segmentBytes() {
        return Integer.parseInt(values.get("Bytes per WAL segment"));
    }

    /** What the server that wrote it had set for one of the five settings that its WAL depends on; by the name used there. */
    int setting(String name) {
        return Integer.parseInt(values.getOrDefault(name + " setting", "0"));
    }

    boolean tracksCommitTimestamps() {
        return "on".equals(values.get("track_commit_timestamp setting"));
    }
}
