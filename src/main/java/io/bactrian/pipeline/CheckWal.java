package io.bactrian.pipeline;

import io.bactrian.Failure;
import io.bactrian.postgres.TimelineHistory;
import io.bactrian.postgres.WalHeader;
import io.bactrian.postgres.WalSegment;
import io.bactrian.repository.ChainCheck;
import io.bactrian.repository.Manifest;
import io.bactrian.stream.Streams;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;

/** The {@code checkWal} step of a test: is what an incremental stores the piece of the log that it says? */
public final class CheckWal {
    private static final Pattern OF_SEGMENT = Pattern.compile("[0-9A-F]{24}(?:\\.[a-z0-9.-]*)?: (.*)");
    private static final int LONGEST_HISTORY = 1024 * 1024;

    /** Before the first artifact: the manifest of a base or incremental must make sense. */
    public void range(Exchange exchange) {
        Reading reading = Reading.of(exchange);
        Manifest manifest = reading.manifest();
        if (!manifest.id().isFull()) {
            ChainCheck.fault(manifest).ifPresent(fault -> {
                throw damaged("the manifest of " + reading.id() + " " + fault);
            });
        }
    }

    /** The body is an opened segment; the body after it a finding. */
    public void segment(Exchange exchange) throws IOException {
        Reading reading = Reading.of(exchange);
        String name = reading.artifact().name();
        int size = reading.manifest().wal().segmentBytes();
        WalSegment expected = WalSegment.ofFile(name, size)
                .orElseThrow(() -> damaged(name + " of " + reading.id() + " has no segment's name"));
        try (InputStream wal = exchange.getMessage().getBody(InputStream.class)) {
            byte[] first = wal.readNBytes(WalHeader.BYTES);
            WalHeader.check(first, expected, reading.manifest().systemIdentifier());
            long bytes = first.length + Streams.drain(wal);
            if (bytes != size) {
                throw damaged(name + " of " + reading.id() + " holds " + bytes + " bytes, a segment has " + size);
            }
        }
        exchange.getMessage().setBody("digest, decryption, decompression, header");
    }

    /** The body is the opened history of a timeline; the body after it a finding. */
    public void history(Exchange exchange) throws IOException {
        Reading reading = Reading.of(exchange);
        String name = reading.artifact().name();
        int timeline = TimelineHistory.timelineOf(name)
                .orElseThrow(() -> damaged(name + " of " + reading.id() + " is not named after a timeline"));
        try (InputStream history = exchange.getMessage().getBody(InputStream.class)) {
            byte[] text = history.readNBytes(LONGEST_HISTORY);
            Streams.drain(history);
            TimelineHistory.parse(timeline, new String(text, StandardCharsets.UTF_8));
        }
        exchange.getMessage().setBody("digest, decryption, decompression, history");
    }

    /** After the last artifact: one finding for all segments. The body is the list of findings. */
    public void findings(Exchange exchange) {
        Manifest manifest = Reading.of(exchange).manifest();
        List<?> all = manifest.artifacts().isEmpty()
                ? List.of()
                : exchange.getMessage().getBody(List.class);
        List<String> findings = new ArrayList<>();
        Map<String, Integer> ofSegments = new LinkedHashMap<>();
        for (Object finding : all) {
            Matcher ofSegment = OF_SEGMENT.matcher(finding.toString());
            if (ofSegment.matches()) {
                ofSegments.merge(ofSegment.group(1), 1, Integer::sum);
            } else {
                findings.add(finding.toString());
            }
        }
        ofSegments.forEach(
                (what, count) -> findings.add("WAL from " + manifest.wal().start() + " to "
                        + manifest.wal().end() + ", " + count + (count == 1 ? " segment: " : " segments: ") + what));
        exchange.getMessage().setBody(findings);
    }

    private static Failure damaged(String what) {
        return Failure.integrity(
                what,
                "Its WAL cannot be replayed: `bactrian status` shows what can be recovered; `bactrian full` starts anew.");
    }
}
