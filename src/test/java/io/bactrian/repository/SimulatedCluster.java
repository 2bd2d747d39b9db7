package io.bactrian.repository;

import io.bactrian.postgres.Lsn;
import io.bactrian.postgres.WalSegment;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A cluster with a life: writing, idling, restarts, promotions, failovers to a standby that lagged behind, and backups of all
 * that. Every segment's digest names the life it was written in, so that a mix of two branches shows.
 */
final class SimulatedCluster {
    private static final int SEGMENT = SampleChain.SEGMENT;

    /** What really happened: incrementals in their true order, each continuing the one before. */
    static final class Life {
        final List<Manifest> bases = new ArrayList<>();
        final List<Manifest> incrementals = new ArrayList<>();
        private final SampleChain sample;
        private final String digest;

        private Life(SampleChain sample, int number) {
            this.sample = sample;
            this.digest = sample.systemId() + "/life-" + number;
        }

        private Manifest last() {
            return incrementals.get(incrementals.size() - 1);
        }

        String digest() {
            return digest;
        }

        BackupId chain() {
            return sample.id();
        }
    }

    private final Random random;
    private final String systemId;
    private final boolean clockSteps;
    private final List<Life> lives = new ArrayList<>();
    private Life life;
    private long position = 10L * SEGMENT + 5000;
    /** The end of the stored log. */
    private long stored;

    private int timeline = 1;
    private int timelineBefore = 1;
    /** The first byte of the first segment of the timeline. */
    private long branched;

    private Instant clock = SampleChain.DAWN;
    private Instant ids = SampleChain.DAWN;

    private SimulatedCluster(Random random, String systemId) {
        this.random = random;
        this.systemId = systemId;
        this.clockSteps = random.nextInt(4) == 0;
    }

    /** Its lives one after the other, each of which is a chain. */
    static List<Life> lives(Random random, String systemId, int events) {
        SimulatedCluster cluster = new SimulatedCluster(random, systemId);
        cluster.begin();
        for (int i = 0; i < events; i++) {
            cluster.event();
        }
        return cluster.lives;
    }

    private void event() {
        pass();
        switch (random.nextInt(12)) {
            case 0, 1, 2, 3, 4 -> incremental(null);
            case 5, 6 -> write(random.nextInt(3 * SEGMENT));
            case 7 -> position = boundaryAfter(position) + 40; // somebody switched the segment
            case 8, 9 -> base(BackupId.base(ids));
            case 10 -> promote();
            default -> failOver();
        }
    }

    /** A chain, with its first base. */
    private void begin() {
        pass();
        life = new Life(new SampleChain(systemId, BackupId.base(ids)), lives.size());
        lives.add(life);
        stored = position - position % SEGMENT;
        branched = 0;
        base(life.chain());
    }

    private void base(BackupId id) {
        long start = position;
        int startTimeline = timeline;
        write(random.nextInt(2 * SEGMENT));
        pass();
        PhysicalBase physical = new PhysicalBase(
                life.chain(), startTimeline, SEGMENT, new Lsn(start), new Lsn(position), clock, 1 + random.nextInt(9));
        pass();
        incremental(null);
        life.bases.add(life.sample.base(id, physical));
    }

    private void incremental(String closed) {
        long marker = position + 64;
        long end = boundaryAfter(marker);
        add(new WalRange(
                life.chain(),
                life.incrementals.isEmpty() ? null : life.last().id(),
                SEGMENT,
                timeline,
                new Lsn(stored),
                new Lsn(end),
                new WalRange.Cut(clock, "1", new Lsn(marker), new Lsn(marker + 24)),
                closed,
                "cat $WAL"));
        stored = end;
        position = end + 40;
    }

    private void closeWithoutLog() {
        WalRange last = life.last().wal();
        add(new WalRange(
                life.chain(),
                life.last().id(),
                SEGMENT,
                last.timeline(),
                last.end(),
                last.end(),
                null,
                "diverged",
                null));
    }

    private void add(WalRange range) {
        List<Artifact> artifacts = new ArrayList<>();
        for (long at = range.start().position(); at < range.end().position(); at += SEGMENT) {
            WalSegment segment = new WalSegment(at < branched ? timelineBefore : timeline, at / SEGMENT, SEGMENT);
            artifacts.add(SampleChain.artifact(segment.name() + ".zst.pgp", Artifact.WAL, life.digest()));
            if (at == branched) {
                artifacts.add(SampleChain.history(timeline));
            }
        }
        life.incrementals.add(life.sample.incremental(BackupId.incremental(ids), range, artifacts));
    }

    private void promote() {
        if (branched < stored) {
            write(100);
            branched = position - position % SEGMENT;
            timelineBefore = timeline;
            timeline++;
        }
    }

    /** To a standby that lagged behind what is stored already; or to one that did not, and the slot was lost. */
    private void failOver() {
        if (random.nextBoolean()) {
            closeWithoutLog();
            position = Math.max(10L * SEGMENT, position - random.nextInt(4 * SEGMENT));
        } else {
            incremental("detached");
        }
        timeline = 1 + random.nextInt(timeline + 1);
        begin();
    }

    private void write(int bytes) {
        position += bytes;
    }

    private static long boundaryAfter(long position) {
        return (position / SEGMENT + 1) * SEGMENT;
    }

    /** Time goes on; on some servers somebody sets the clock back now and then. Ids never go back here: they come from our clock. */
    private void pass() {
        ids = ids.plusMillis(1 + random.nextInt(60_000));
        clock = clock.plusMillis(1 + random.nextInt(60_000));
        if (clockSteps && random.nextInt(10) == 0) {
            clock = clock.minusMillis(random.nextInt(120_000));
        }
    }
}
