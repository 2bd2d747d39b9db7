package io.bactrian.postgres;

import io.bactrian.Failure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Looks through WAL before it is replayed. Replay of {@code CREATE TABLESPACE} uses the very directory that was named then: on
 * the machine of the original, its live data.
 */
final class WalInspection {
    private static final Pattern CREATION = Pattern.compile("desc: CREATE (\\d+) \"(.*)\"$");

    /** The last record may go on in a segment that is not there. */
    private static final Pattern END_OF_WAL =
            Pattern.compile("could not find file|error in WAL record|could not find a valid record");

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
    void refuseTablespacesOfOthers(Path walFolder, List<String> segments, int segmentBytes, Lsn from) {
        Map<Integer, List<WalSegment>> timelines = segments.stream()
                .flatMap(name -> WalSegment.named(name, segmentBytes).stream())
                .filter(segment -> from.isBefore(segment.end()))
                .sorted(Comparator.comparing(WalSegment::start))
                .collect(Collectors.groupingBy(WalSegment::timeline));
        for (List<WalSegment> timeline : timelines.values()) {
            WalSegment first = timeline.get(0);
            List<String> arguments = new ArrayList<>(List.of("--rmgr=Tablespace", "--path=" + walFolder));
            if (!from.isBefore(first.start())) {
                arguments.add("--start=" + from);
            }
            arguments.add(first.name());
            arguments.add(timeline.get(timeline.size() - 1).name());
            inspect(arguments);
        }
    }

    private void inspect(List<String> arguments) {
        for (String line : programs.outputUpTo(guardian, "pg_waldump", arguments, END_OF_WAL)
                .lines()
                .toList()) {
            Matcher creation = CREATION.matcher(line);
            if (creation.find() && Files.exists(Path.of(creation.group(2)))) {
                throw Failure.precondition(
                        "the WAL to replay creates a tablespace in " + creation.group(2)
                                + ", which exists on this machine: replay would write into it",
                        "Recover on another machine; or make a base after the tablespace: `bactrian full`, and recover "
                                + "to a time after that.");
            }
        }
    }
}
