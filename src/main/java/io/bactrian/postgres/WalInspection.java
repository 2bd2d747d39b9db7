package io.bactrian.postgres;

import io.bactrian.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Looks through WAL before it is replayed. Replay of {@code CREATE TABLESPACE} uses the very directory that was named then: on
 * the machine of the original, its live data.
 */
final class WalInspection {
    private static final Pattern CREATION = Pattern.compile("desc: CREATE (\\d+) \"(.*)\"$");

    private final ServerPrograms programs;
    private final Guardian guardian;

    WalInspection(ServerPrograms programs, Guardian guardian) {
        this.programs = programs;
        this.guardian = guardian;
    }

    /**
     * @param segments names, of one or several timelines
     * @param from where replay begins
     * @throws Failure if replay would work in a directory that exists here
     */
    void refuseTablespacesOfOthers(Path walFolder, List<String> segments, Lsn from) {
        Map<String, String> firstOfTimelines = new TreeMap<>();
        segments.stream().sorted().forEach(name -> firstOfTimelines.putIfAbsent(name.substring(0, 8), name));
        boolean first = true;
        for (String segment : firstOfTimelines.values()) {
            List<String> arguments = new ArrayList<>(List.of("--rmgr=Tablespace", "--path=" + walFolder));
            if (first) {
                arguments.add("--start=" + from);
            }
            arguments.add(segment);
            inspect(arguments);
            first = false;
        }
    }

    /** pg_waldump goes on to the last segment there is and then ends with an error; so would replay at a damaged one. */
    private void inspect(List<String> arguments) {
        ProcessBuilder builder =
                programs.program("pg_waldump", arguments).redirectError(ProcessBuilder.Redirect.DISCARD);
        Process process = guardian.start(builder);
        try (var lines = process.inputReader()) {
            for (String line; (line = lines.readLine()) != null; ) {
                Matcher creation = CREATION.matcher(line);
                if (creation.find() && Files.exists(Path.of(creation.group(2)))) {
                    throw Failure.precondition(
                            "the WAL to replay creates a tablespace in " + creation.group(2)
                                    + ", which exists on this machine: replay would write into it",
                            "Recover on another machine; or make a base after the tablespace: `bactrian full`, and recover "
                                    + "to a time after that.");
                }
            }
        } catch (IOException e) {
            throw Failure.running("pg_waldump failed: " + e.getMessage(), "Try again.");
        } finally {
            process.destroy();
        }
    }
}
