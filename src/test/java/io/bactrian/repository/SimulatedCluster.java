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

        String digest() {
            return digest;
        }

        BackupId chain() {
            return sample.id();
        }

        String systemId() {
            return sample.systemId();
        }
    }

    private final Random random;
    private final String systemId;
    private final boolean clockSteps;
    private final List<Life> lives = new ArrayList<>();
    private Life life;
    private long position = 10L * SEGMENT + 5000;
    private int timeline = 1;
    /** The end of the stored log. */
    private long stored;
    /** Timelines of segments from {@code stored} on that were begun after a promotion. */
    private int storedTimeline = 1;

    private boolean historyDue;
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
            case 7 ->
                position = Math.max(position, boundaryAfter(position))
                        + 40; // a restart switches nothing, a checkpoint may
            case 8, 9 -> base();
            case 10 -> promote();
            default -> failOver();
        }
    }

    /** The first base of a chain. */
    private void begin() {
        pass();
        life = new Life(new SampleChain(systemId, BackupId.base(ids)), lives.size());
        lives.add(life);
        stored = position - position % SEGMENT;
        storedTimeline = timeline;
        historyDue = false;
        base(life.chain());
    }

    private void base() {
        base(BackupId.base(ids));
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
        Instant time = clock;
        long marker = position + 64;
        long end = boundaryAfter(marker);
        List<Artifact> artifacts = new ArrayList<>();
        for (long at = stored; at < end; at += SEGMENT) {
            artifacts.add(SampleChain.artifact(
                    new WalSegment(at < promotedAt() ? storedTimeline : timeline, at / SEGMENT, SEGMENT).name()
                            + ".zst.pgp",
                    Artifact.WAL,
                    life.digest()));
        }
        if (historyDue) {
            artifacts.add(SampleChain.history(timeline));
            historyDue = false;
        }
        Manifest last = life.incrementals.isEmpty() ? null : life.incrementals.get(life.incrementals.size() - 1);
        life.incrementals.add(life.sample.incremental(
                BackupId.incremental(ids),
                new WalRange(
                        life.chain(),
                        last == null ? null : last.id(),
                        SEGMENT,
                        timeline,
                        new Lsn(stored),
                        new Lsn(end),
                        new WalRange.Cut(time, "1", new Lsn(marker)),
                        closed,
                        "cat $WAL"),
                artifacts));
        stored = end;
        storedTimeline = timeline;
        promoted = Long.MAX_VALUE;
        position = end + 40;
    }

    private long promoted = Long.MAX_VALUE;

    /** The first byte of the first segment that is of the new timeline. */
    private long promotedAt() {
        return promoted == Long.MAX_VALUE ? (timeline == storedTimeline ? Long.MAX_VALUE : 0) : promoted;
    }

    private void promote() {
        if (promoted == Long.MAX_VALUE) {
            write(100);
            promoted = position - position % SEGMENT;
            timeline++;
            historyDue = true;
        }
    }

    /** To a standby that had not received what is stored already, or to one that had: then the slot was lost with the old one. */
    private void failOver() {
        if (random.nextBoolean()) {
            closeEmpty();
            position = Math.max(10L * SEGMENT, position - random.nextInt(4 * SEGMENT));
        } else {
            incremental("detached");
        }
        timeline = 1 + random.nextInt(timeline + 1);
        promoted = Long.MAX_VALUE;
        begin();
    }

    private void closeEmpty() {
        Manifest last = life.incrementals.get(life.incrementals.size() - 1);
        life.incrementals.add(life.sample.incremental(
                BackupId.incremental(ids),
                new WalRange(
                        life.chain(),
                        last.id(),
                        SEGMENT,
                        last.wal().timeline(),
                        last.wal().end(),
                        last.wal().end(),
                        null,
                        "diverged",
                        null),
                List.of()));
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
