package io.bactrian.pipeline;

import io.bactrian.Failure;
import io.bactrian.postgres.TimelineHistory;
import io.bactrian.postgres.WalHeader;
import io.bactrian.postgres.WalSegment;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * The {@code checkArrival} step: the body is a fetched file, and what comes next in the chain. Nothing is stored of one that is
 * not, and the server still has it, so the run fails and the next one fetches it again.
 */
final class CheckArrival implements Processor {
    private static final String HINT =
            "Run this again: the server still holds it. If that does not help, look at the disk of BACKUP_DIR.";

    @Override
    public void process(Exchange exchange) throws Exception {
        Path file = exchange.getMessage().getBody(File.class).toPath();
        WalWork wal = Backup.of(exchange).wal();
        String name = String.valueOf(file.getFileName());
        if (TimelineHistory.timelineOf(name).isPresent()) {
            history(file, TimelineHistory.timelineOf(name).get());
        } else {
            segment(file, name, wal);
        }
    }

    private static TimelineHistory history(Path file, int timeline) throws IOException {
        return TimelineHistory.parse(timeline, Files.readString(file));
    }

    private static void segment(Path file, String name, WalWork wal) throws IOException {
        WalSegment last = wal.reception().last();
        WalSegment arrived = WalSegment.named(name, wal.segmentBytes())
                .filter(segment -> segment.number() == last.number() + 1)
                .orElseThrow(() ->
                        Failure.integrity(name + " arrived where the segment after " + last.name() + " was due", HINT));
        if (Files.size(file) != wal.segmentBytes()) {
            throw Failure.integrity(
                    name + " arrived with " + Files.size(file) + " bytes, not " + wal.segmentBytes(), HINT);
        }
        if (arrived.timeline() != last.timeline()) {
            sameHistory(file, arrived, last);
        }
        try (InputStream in = Files.newInputStream(file)) {
            WalHeader.check(in.readNBytes(WalHeader.BYTES), arrived, wal.systemId());
        }
    }

    /** After a failover the next segment comes from another timeline: one that left ours no earlier than where we are. */
    private static void sameHistory(Path file, WalSegment arrived, WalSegment last) throws IOException {
        Path history = file.resolveSibling(TimelineHistory.fileName(arrived.timeline()));
        if (Files.notExists(history) || !history(history, arrived.timeline()).contains(last.timeline(), last.end())) {
            throw Failure.integrity(
                    arrived.name() + " is not what follows " + last.name() + " in the history of timeline "
                            + arrived.timeline(),
                    HINT);
        }
    }
}
