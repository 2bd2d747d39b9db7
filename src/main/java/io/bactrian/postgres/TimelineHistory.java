package io.bactrian.postgres;

import io.bactrian.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a timeline came about: the timelines before it, oldest first, and where each was left. A file {@code 00000003.history}
 * holds one (PostgreSQL manual, "Continuous Archiving", "Timelines"; {@code readTimeLineHistory} in {@code timeline.c}).
 */
public record TimelineHistory(int timeline, List<Ancestor> ancestors) {
    private static final Pattern FILE = Pattern.compile("([0-9A-F]{8})\\.history(?:\\..*)?");
    private static final Pattern LINE = Pattern.compile("\\s*([0-9]{1,10})\\s+([0-9A-Fa-f]+/[0-9A-Fa-f]+)(?:\\s.*)?");

    /** @param end the place in the log where the next timeline branched off */
    public record Ancestor(int timeline, Lsn end) {}

    public TimelineHistory {
        ancestors = List.copyOf(ancestors);
    }

    /** Of a timeline without ancestors: the first one. */
    public static TimelineHistory first(int timeline) {
        return new TimelineHistory(timeline, List.of());
    }

    /**
     * Reads the text of a {@code .history} file.
     *
     * @throws Failure with exit code 4 if it is none
     */
    public static TimelineHistory parse(int timeline, String text) {
        List<Ancestor> ancestors = new ArrayList<>();
        for (String line : text.split("\\R")) {
            if (!line.isBlank() && !line.stripLeading().startsWith("#")) {
                ancestors.add(ancestor(line)
                        .filter(next -> follows(next, ancestors))
                        .filter(next -> Integer.compareUnsigned(next.timeline, timeline) < 0)
                        .orElseThrow(() -> damaged(timeline)));
            }
        }
        return new TimelineHistory(timeline, ancestors);
    }

    private static Optional<Ancestor> ancestor(String line) {
        Matcher matcher = LINE.matcher(line);
        if (!matcher.matches() || Long.parseLong(matcher.group(1)) > 0xffffffffL) {
            return Optional.empty();
        }
        int timeline = Integer.parseUnsignedInt(matcher.group(1));
        return Lsn.parse(matcher.group(2)).map(end -> new Ancestor(timeline, end));
    }

    private static boolean follows(Ancestor next, List<Ancestor> ancestors) {
        if (ancestors.isEmpty()) {
            return true;
        }
        Ancestor last = ancestors.get(ancestors.size() - 1);
        return Integer.compareUnsigned(last.timeline, next.timeline) < 0 && !next.end.isBefore(last.end);
    }

    private static Failure damaged(int timeline) {
        return Failure.integrity(
                fileName(timeline) + " is not a timeline history",
                "It was damaged; the server's own lies in its pg_wal folder.");
    }

    /** {@code 00000002.history} */
    public static String fileName(int timeline) {
        return String.format(Locale.ROOT, "%08X.history", timeline);
    }

    /** The timeline whose history that file holds, packed or not; empty if it holds none. */
    public static Optional<Integer> timelineOf(String fileName) {
        Matcher matcher = FILE.matcher(fileName);
        return matcher.matches() ? Optional.of(Integer.parseUnsignedInt(matcher.group(1), 16)) : Optional.empty();
    }

    /** Whether all log that was written on a timeline up to that place is part of this history. */
    public boolean contains(int written, Lsn upTo) {
        return written == timeline || ancestors.stream().anyMatch(a -> a.timeline == written && !a.end.isBefore(upTo));
    }

    /**
     * The timeline on which the log goes on after what was written on one that is part of this history. At the very end of a
     * timeline that is the next one: asked for more of the one before, a server answers with no log, and pg_receivewal fails.
     */
    public int goesOn(int written, Lsn upTo) {
        return ancestors.stream()
                .filter(ancestor -> Integer.compareUnsigned(ancestor.timeline, written) >= 0)
                .filter(ancestor -> upTo.isBefore(ancestor.end))
                .findFirst()
                .map(Ancestor::timeline)
                .orElse(timeline);
    }

    /**
     * Whether this is the same history, or the same one and what came after. Two promotions can both make a timeline 2: those
     * two do not continue each other.
     */
    public boolean continues(TimelineHistory earlier) {
        int known = earlier.ancestors.size();
        if (timeline == earlier.timeline) {
            return ancestors.equals(earlier.ancestors);
        }
        return ancestors.size() > known
                && ancestors.subList(0, known).equals(earlier.ancestors)
                && ancestors.get(known).timeline == earlier.timeline;
    }
}
