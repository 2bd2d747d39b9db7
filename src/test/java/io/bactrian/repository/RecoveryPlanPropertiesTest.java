package io.bactrian.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import io.bactrian.postgres.WalSegment;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What must be true of every plan, whatever happened to the clusters and to the repository. */
class RecoveryPlanPropertiesTest {
    private static final int CATALOGUES = 2000;
    private static final int TIMES = 12;
    private static final Instant DOOMSDAY = Instant.parse("2100-01-01T00:00:00Z");

    @Test
    void whatever_was_lost_a_plan_is_whole_and_true_and_there_is_one_wherever_one_can_be() {
        int plans = 0;
        int refusals = 0;
        for (int seed = 0; seed < CATALOGUES; seed++) {
            Random random = new Random(seed);
            List<SimulatedCluster.Life> lives =
                    new ArrayList<>(SimulatedCluster.lives(random, "7300", 5 + random.nextInt(25)));
            if (random.nextInt(3) == 0) {
                lives.addAll(SimulatedCluster.lives(random, "7400", random.nextInt(10)));
            }
            List<Manifest> kept = catalogue(random, lives);
            List<Chain> chains = Chain.of(kept);
            for (int i = 0; i < TIMES; i++) {
                Instant time = time(random, lives);
                Optional<Truth> truth = truth(lives, new HashSet<>(ids(kept)), time);
                Optional<RecoveryPlan> plan = plan(chains, time);

                assertThat(plan.isPresent()).as("seed %d, %s", seed, time).isEqualTo(truth.isPresent());
                if (plan.isPresent()) {
                    assert_true_to(truth.get(), plan.get(), time, seed);
                    plans++;
                } else {
                    refusals++;
                }
            }
        }
        assertThat(plans).as("enough of both to mean something").isGreaterThan(CATALOGUES);
        assertThat(refusals).isGreaterThan(CATALOGUES);
    }

    /** In the order of the log, and each with the one that it really continued. */
    private record Truth(SimulatedCluster.Life life, Manifest base, List<Manifest> incrementals) {}

    private static void assert_true_to(Truth truth, RecoveryPlan plan, Instant time, int seed) {
        PhysicalBase base = plan.base().physical();
        assertThat(plan.chain().id())
                .as("seed %d: the chain that was live then", seed)
                .isEqualTo(truth.life.chain());
        assertThat(plan.base().id())
                .as("seed %d: the newest base by then", seed)
                .isEqualTo(truth.base.id());
        assertThat(ids(plan.incrementals()))
                .as("seed %d: no gap is crossed", seed)
                .isEqualTo(ids(truth.incrementals));
        assertThat(plan.segments())
                .as("seed %d: branches do not mix", seed)
                .allSatisfy(segment -> assertThat(segment.sha256()).isEqualTo(truth.life.digest()));

        List<WalSegment> segments = plan.segments().stream()
                .map(a -> WalSegment.ofFile(a.name(), base.segmentBytes()).orElseThrow())
                .toList();
        WalSegment first = segments.get(0);
        assertThat(first.start()).isLessThanOrEqualTo(base.start());
        assertThat(first.end()).isGreaterThan(base.start());
        for (int i = 1; i < segments.size(); i++) {
            assertThat(segments.get(i).start())
                    .as("seed %d: contiguous", seed)
                    .isEqualTo(segments.get(i - 1).end());
        }
        WalRange covering =
                plan.incrementals().get(plan.incrementals().size() - 1).wal();
        assertThat(segments.get(segments.size() - 1).end()).isEqualTo(covering.end());
        assertThat(covering.cut().lsn())
                .as("the marker is inside, after the base")
                .isBetween(base.end(), covering.end());
        assertThat(covering.cut().time()).isAfterOrEqualTo(time);
        assertThat(base.endTime()).isBeforeOrEqualTo(time);
        assertThat(plan.timeline()).isEqualTo(covering.timeline());
        if (plan.timeline() != base.timeline()) {
            assertThat(plan.histories())
                    .as("seed %d: the way to the younger timeline is known", seed)
                    .contains(SampleChain.history(plan.timeline()));
        }
        assertThat(plan.window().holds(time)).isTrue();
        assertThat(plan.unpackedBytes()).isEqualTo(base.databaseBytes() + (long) segments.size() * base.segmentBytes());
    }

    /** What is left of the truth, worked out from it and not from what manifests say of each other. */
    private static Optional<Truth> truth(List<SimulatedCluster.Life> lives, Set<BackupId> kept, Instant time) {
        return lives.stream()
                .sorted(Comparator.comparing(SimulatedCluster.Life::chain).reversed())
                .flatMap(life -> truth(life, kept, time).stream())
                .findFirst();
    }

    private static Optional<Truth> truth(SimulatedCluster.Life life, Set<BackupId> kept, Instant time) {
        List<Manifest> bases = new ArrayList<>(life.bases);
        Collections.reverse(bases);
        return bases.stream()
                .filter(base -> kept.contains(base.id()))
                .filter(base -> !base.physical().endTime().isAfter(time))
                .flatMap(base -> path(life, base.physical(), time)
                        .filter(path -> path.stream().allMatch(i -> kept.contains(i.id())))
                        .map(path -> new Truth(life, base, path))
                        .stream())
                .findFirst();
    }

    private static Optional<List<Manifest>> path(SimulatedCluster.Life life, PhysicalBase base, Instant time) {
        List<Manifest> after = life.incrementals.stream()
                .filter(i -> base.start().isBefore(i.wal().end()))
                .toList();
        for (int i = 0; i < after.size(); i++) {
            WalRange.Cut cut = after.get(i).wal().cut();
            if (cut != null && !cut.lsn().isBefore(base.end()) && !cut.time().isBefore(time)) {
                return Optional.of(after.subList(0, i + 1));
            }
        }
        return Optional.empty();
    }

    private static List<Manifest> catalogue(Random random, List<SimulatedCluster.Life> lives) {
        List<Manifest> kept = new ArrayList<>(lives.stream()
                .flatMap(life -> Stream.concat(life.bases.stream(), life.incrementals.stream()))
                .toList());
        int lost = random.nextInt(4);
        for (int i = 0; i < lost && !kept.isEmpty(); i++) {
            kept.remove(random.nextInt(kept.size()));
        }
        Collections.shuffle(kept, random);
        return kept;
    }

    /** Anywhere, or at a moment that matters, or right beside one. */
    private static Instant time(Random random, List<SimulatedCluster.Life> lives) {
        SimulatedCluster.Life life = lives.get(random.nextInt(lives.size()));
        List<Instant> moments = Stream.concat(
                        life.bases.stream().map(base -> base.physical().endTime()),
                        life.incrementals.stream()
                                .filter(i -> i.wal().cut() != null)
                                .map(i -> i.wal().cut().time()))
                .toList();
        Instant moment = moments.get(random.nextInt(moments.size()));
        return switch (random.nextInt(4)) {
            case 0 -> moment;
            case 1 -> moment.plusNanos(1000);
            case 2 -> moment.minusNanos(1000);
            default -> moment.plusMillis(random.nextInt(240_000) - 120_000);
        };
    }

    private static Optional<RecoveryPlan> plan(List<Chain> chains, Instant time) {
        try {
            return Optional.of(RecoveryPlan.of(chains, new RecoveryTime(time, null), DOOMSDAY));
        } catch (Failure failure) {
            assertThat(failure.exitCode()).isEqualTo(ExitCode.PRECONDITION);
            return Optional.empty();
        }
    }

    private static List<BackupId> ids(List<Manifest> manifests) {
        return manifests.stream().map(Manifest::id).toList();
    }
}
