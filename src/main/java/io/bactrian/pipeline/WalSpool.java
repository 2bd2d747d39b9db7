package io.bactrian.pipeline;

import io.bactrian.Failure;
import io.bactrian.postgres.Lsn;
import io.bactrian.postgres.TimelineHistory;
import io.bactrian.postgres.WalHeader;
import io.bactrian.postgres.WalSegment;
import io.bactrian.repository.DurableFile;
import io.bactrian.repository.LocalStore;
import io.bactrian.stream.Streams;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The {@code walSpool} step: the folder that pg_receivewal writes into, round by round, so that it stays small whatever there is
 * to fetch.
 */
public final class WalSpool {
    private static final Logger LOG = LoggerFactory.getLogger(WalSpool.class);
    private static final String FOLDER = ".spool/incremental";
    private static final String UNFINISHED = ".partial";
    private static final String ANOTHER_BRANCH =
            "the server's WAL does not go on from the last record that is stored: another branch of the cluster's history";
    /** A record that switches segments is 24 bytes long, and the header of a page, of at most 40, may lie within it. */
    private static final long LONGEST_SWITCH = 64;

    private static final List<String> NOT_THERE =
            List.of("has already been removed", "is not in this server's history");

    private final LocalStore store;

    WalSpool(LocalStore store) {
        this.store = store;
    }

    /** What an earlier run left is gone after this; so is what this run fetched before, except for histories. */
    public void prepare(Exchange exchange) throws IOException {
        Backup backup = Backup.of(exchange);
        WalReception reception = backup.wal().reception();
        Path folder = folder(backup);
        DurableFile.createFolders(folder);
        boolean first = reception.spool() == null;
        for (Path file : files(folder)) {
            if (first || TimelineHistory.timelineOf(name(file)).isEmpty()) {
                Files.delete(file);
            }
        }
        resumeAt(backup.wal().next(), folder);
        backup.withWal(backup.wal().withReception(reception.withSpool(folder))).on(exchange);
    }

    /**
     * pg_receivewal goes on at the beginning of a segment that it finds unfinished (FindStreamingStart); an empty file will do.
     * A whole segment before it would not, if that is the segment 0 that no server has.
     */
    private static void resumeAt(WalSegment next, Path folder) throws IOException {
        Files.createFile(
                folder.resolve(next.name() + UNFINISHED),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }

    /** The body is the output of pg_receivewal; once that has ended, what it fetched is there. */
    public void arrived(Exchange exchange) throws Exception {
        Backup backup = Backup.of(exchange);
        WalReception reception = backup.wal().reception();
        Optional<String> missing = awaitEnd(exchange);
        if (missing.isPresent()) {
            backup.withWal(backup.wal().withReception(reception.withBreak(missing.get())))
                    .on(exchange);
            return;
        }
        List<Path> histories = new ArrayList<>();
        List<Path> segments = new ArrayList<>();
        for (Path file : files(reception.spool())) {
            if (TimelineHistory.timelineOf(name(file)).isPresent()) {
                histories.add(file);
            } else if (!name(file).endsWith(UNFINISHED)) {
                segments.add(file);
            }
        }
        if (segments.isEmpty()) {
            throw Failure.running(
                    "pg_receivewal ended well, but fetched nothing after "
                            + reception.last().name(),
                    "Run this again: the server still holds it.");
        }
        if (!continues(segments.get(0), reception.joint())) {
            backup.withWal(backup.wal().withReception(reception.withBreak(ANOTHER_BRANCH)))
                    .on(exchange);
            return;
        }
        histories.removeIf(history -> isStored(backup, name(history)));
        histories.addAll(segments);
        backup.withWal(backup.wal().withReception(reception.withArrived(histories)))
                .on(exchange);
    }

    /** Two standbys that were promoted at the same place have the same history, but not the same log. */
    private static boolean continues(Path segment, Lsn joint) throws IOException {
        try (InputStream in = Files.newInputStream(segment)) {
            Lsn previous = WalHeader.read(in.readNBytes(WalHeader.BYTES))
                    .map(WalHeader::previous)
                    .orElse(null);
            return joint == null
                    || previous == null
                    || (previous.isBefore(joint) && joint.since(previous) <= LONGEST_SWITCH);
        }
    }

    /** Why what is to come next cannot be had any more, if the program says so. */
    private static Optional<String> awaitEnd(Exchange exchange) throws Exception {
        try (InputStream output = exchange.getMessage().getBody(InputStream.class)) {
            Streams.drain(output);
            return Optional.empty();
        } catch (Failure failure) {
            if (NOT_THERE.stream().noneMatch(failure.getMessage()::contains)) {
                throw lost(failure);
            }
            return Optional.of("the server no longer has the WAL that comes next ("
                    + failure.getMessage()
                            .lines()
                            .filter(line -> NOT_THERE.stream().anyMatch(line::contains))
                            .findFirst()
                            .orElse("")
                            .replaceFirst(".*ERROR: +", "")
                    + ")");
        }
    }

    private static Exception lost(Failure failure) {
        if (!ConnectionLost.isMeantBy(failure)) {
            return failure;
        }
        LOG.atWarn().log("The connection was lost while WAL was received: {}", failure.getMessage());
        return new ConnectionLost(failure);
    }

    private static boolean isStored(Backup backup, String history) {
        return Stream.concat(
                        backup.artifacts().stream().map(a -> a.name()), backup.wal().reception().histories().stream())
                .anyMatch(stored -> stored.equals(history) || stored.startsWith(history + "."));
    }

    /** The body becomes the file that is to be stored next. */
    public void next(Exchange exchange) {
        WalReception reception = Backup.of(exchange).wal().reception();
        exchange.getMessage().setBody(reception.arrived().get(0).toFile(), File.class);
    }

    /** It has been stored. A history stays until the end, since pg_receivewal would only fetch it again. */
    public void stored(Exchange exchange) throws IOException {
        Backup backup = Backup.of(exchange);
        WalReception reception = backup.wal().reception();
        Path file = reception.arrived().get(0);
        Optional<WalSegment> segment = WalSegment.named(name(file), backup.wal().segmentBytes());
        if (segment.isPresent()) {
            Files.delete(file);
        }
        backup.withWal(backup.wal().withReception(reception.withStored(segment.orElse(reception.last()))))
                .on(exchange);
    }

    /** Everything is stored. */
    public void clear(Exchange exchange) throws IOException {
        Path folder = folder(Backup.of(exchange));
        for (Path file : files(folder)) {
            Files.delete(file);
        }
        Files.delete(folder);
        exchange.getMessage().setBody(null);
    }

    private Path folder(Backup backup) {
        return store.root().resolve(FOLDER).resolve(backup.wal().systemId());
    }

    private static String name(Path file) {
        return String.valueOf(file.getFileName());
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }
}
