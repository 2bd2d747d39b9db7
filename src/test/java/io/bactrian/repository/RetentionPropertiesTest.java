package io.bactrian.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.Failure;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What must be true of every cleanup, whatever happened to the clusters and to the repository. */
class RetentionPropertiesTest {
    private static final int CATALOGUES = 3000;
    private static final int MOMENTS = 25;
    /** The simulation takes minutes; what it leaves without a manifest is to be old enough to go. */
    private static final Duration ORPHANED = Duration.ofDays(2);

    /** A random store and what is asked of it. */
    private record Scene(
            Random random, List<Manifest> manifests, StoreContents contents, RetentionPolicy policy, Instant now) {}

    @Test
    void every_moment_of_the_window_that_could_be_recovered_still_can_and_to_the_very_same_log() {
        int moments = 0;
        int deleted = 0;
        for (int seed = 0; seed < CATALOGUES; seed++) {
            Scene scene = scene(seed);
            RetentionPlan plan = plan(scene);
            List<Chain> before = Chain.of(whole(scene));
            List<Chain> after =
                    Chain.of(whole(scene).stream().filter(m -> isKept(plan, m)).toList());
            Instant from = scene.policy.windowStart(scene.now);
            for (int i = 0; i < MOMENTS; i++) {
                Instant moment = moment(scene, from);
                Optional<RecoveryPlan> was = recovery(before, moment);
                if (was.isPresent()) {
                    RecoveryPlan is = recovery(after, moment)
                            .orElseThrow(() -> new AssertionError("cannot be recovered any more: " + moment));
                    assertThat(is.base().id())
                            .as("seed %d", seed)
                            .isEqualTo(was.get().base().id());
                    assertThat(is.segments())
                            .as("seed %d", seed)
                            .isEqualTo(was.get().segments());
                    moments++;
                }
            }
            deleted += plan.deletions().size();
        }
        assertThat(moments).as("enough of both to mean something").isGreaterThan(CATALOGUES);
        assertThat(deleted).isGreaterThan(CATALOGUES);
    }

    @Test
    void the_newest_recovery_is_never_lost() {
        for (int seed = 0; seed < CATALOGUES; seed++) {
            Scene scene = scene(seed);
            RetentionPlan plan = plan(scene);
            for (String cluster : List.of("7300", "7400")) {
                List<Manifest> of = whole(scene).stream()
                        .filter(m -> cluster.equals(m.systemIdentifier()))
                        .toList();
                Optional<RecoveryPlan> was = latest(Chain.of(of));
                Optional<RecoveryPlan> is =
                        latest(Chain.of(of.stream().filter(m -> isKept(plan, m)).toList()));
                assertThat(is.map(RecoveryPlan::until)).as("seed %d", seed).isEqualTo(was.map(RecoveryPlan::until));
            }
        }
    }

    @Test
    void the_newest_restorable_fulls_of_each_database_stay() {
        for (int seed = 0; seed < CATALOGUES; seed++) {
            Scene scene = scene(seed);
            RetentionPlan plan = plan(scene);
            Map<String, List<Manifest>> databases = whole(scene).stream()
                    .filter(m -> m.id().isFull())
                    .sorted(Comparator.comparing(Manifest::id).reversed())
                    .collect(Collectors.groupingBy(m -> m.systemIdentifier() + m.database()));
            for (List<Manifest> newestFirst : databases.values()) {
                assertThat(newestFirst.stream().limit(scene.policy.minFull()))
                        .as("seed %d", seed)
                        .allMatch(m -> isKept(plan, m));
            }
        }
    }

    @Test
    void nothing_young_nothing_leased_and_nothing_unknown_goes() {
        for (int seed = 0; seed < CATALOGUES; seed++) {
            Scene scene = scene(seed);
            RetentionPlan plan = plan(scene);
            Instant from = scene.policy.windowStart(scene.now);
            Set<BackupId> leased = scene.contents.leases().stream()
                    .filter(lease -> lease.countsAt(scene.now))
                    .flatMap(lease -> lease.backups().stream())
                    .collect(Collectors.toSet());
            for (RetentionPlan.Item item : plan.deletions()) {
                assertThat(item.kind()).isNotEqualTo(RetentionPlan.Kind.UNKNOWN);
                if (item.manifest() != null) {
                    assertThat(leased)
                            .as("seed %d", seed)
                            .doesNotContain(item.manifest().id());
                    if (item.kind() != RetentionPlan.Kind.INCREMENTAL) {
                        assertThat(item.manifest().id().began())
                                .as("seed %d", seed)
                                .isBefore(from);
                    }
                }
            }
            for (String unbelieved : scene.contents.unbelieved().keySet()) {
                assertThat(files(plan)).as("seed %d", seed).noneMatch(path -> path.startsWith(unbelieved));
            }
        }
    }

    @Test
    void what_stays_loses_no_file_and_what_goes_loses_its_manifest_first() {
        for (int seed = 0; seed < CATALOGUES; seed++) {
            Scene scene = scene(seed);
            RetentionPlan plan = plan(scene);
            Set<String> gone = new HashSet<>(files(plan));
            for (RetentionPlan.Item item : plan.kept()) {
                if (item.manifest() != null) {
                    assertThat(paths(item.manifest())).as("seed %d", seed).noneMatch(gone::contains);
                }
            }
            for (RetentionPlan.Item item : plan.deletions()) {
                if (item.manifest() != null) {
                    assertThat(item.files().get().get(0))
                            .as("seed %d", seed)
                            .isEqualTo(item.path() + "/" + Manifest.FILE_NAME);
                }
            }
        }
    }

    @Test
    void interrupted_anywhere_the_next_cleanup_ends_where_this_one_would_have() {
        for (int seed = 0; seed < CATALOGUES / 3; seed++) {
            Scene scene = scene(seed);
            if (!scene.contents.leases().isEmpty()) {
                continue; // what is read stays, and what lies beside it stays as long
            }
            List<String> files = files(plan(scene));
            Scene cut = without(scene, files.subList(0, scene.random.nextInt(files.size() + 1)));
            Scene done = without(scene, files);
            List<String> rest = files(plan(cut));

            assertThat(plan(done).deletions())
                    .as("seed %d: nothing is left to do", seed)
                    .isEmpty();
            assertThat(without(cut, rest).contents.wal()).as("seed %d", seed).isEqualTo(done.contents.wal());
            assertThat(without(cut, rest).contents.backups())
                    .as("seed %d", seed)
                    .isEqualTo(done.contents.backups());
        }
    }

    @Test
    void nothing_goes_while_the_clock_looks_wrong() {
        for (int seed = 0; seed < CATALOGUES / 3; seed++) {
            Scene scene = scene(seed);
            Instant newest = scene.manifests.stream()
                    .map(m -> m.id().began())
                    .max(Comparator.naturalOrder())
                    .orElseThrow();
            Instant past = newest.minus(Duration.ofMinutes(6 + scene.random.nextInt(100_000)));
            Instant future = newest.plus(scene.policy.window()).plusSeconds(1 + scene.random.nextInt(900_000_000));
            for (Instant wrong : List.of(past, future)) {
                RetentionPlan plan = Retention.plan(scene.contents, scene.policy, wrong, null);
                assertThat(plan.refusal()).as("seed %d", seed).isNotNull();
                assertThat(plan.deletions()).as("seed %d", seed).isEmpty();
            }
            assertThat(Retention.plan(scene.contents, scene.policy, scene.now, scene.now.plusSeconds(900))
                            .deletions())
                    .isEmpty();
        }
    }

    private static RetentionPlan plan(Scene scene) {
        return Retention.plan(scene.contents, scene.policy, scene.now, null);
    }

    private static boolean isKept(RetentionPlan plan, Manifest manifest) {
        return plan.deletions().stream().noneMatch(item -> item.path().equals(Layout.folder(manifest)));
    }

    private static List<String> files(RetentionPlan plan) {
        return plan.deletions().stream()
                .flatMap(item -> item.files().get().stream())
                .toList();
    }

    private static Optional<RecoveryPlan> recovery(Collection<Chain> chains, Instant moment) {
        return planned(chains, RecoveryTime.parse(moment.toString(), ZoneId.of("UTC")));
    }

    private static Optional<RecoveryPlan> latest(Collection<Chain> chains) {
        return planned(chains, RecoveryTime.LATEST);
    }

    private static Optional<RecoveryPlan> planned(Collection<Chain> chains, RecoveryTime time) {
        try {
            return Optional.of(RecoveryPlan.of(chains, time, Instant.parse("2100-01-01T00:00:00Z")));
        } catch (Failure e) {
            return Optional.empty();
        }
    }

    /** A moment of the window, with a liking for the edges of bases. */
    private static Instant moment(Scene scene, Instant from) {
        List<Instant> edges = scene.manifests.stream()
                .filter(m -> m.physical() != null)
                .map(m -> m.physical().endTime())
                .filter(time -> !time.isBefore(from))
                .toList();
        return edges.isEmpty() || scene.random.nextInt(3) > 0
                ? from.plusMillis((long) (scene.random.nextDouble()
                        * Duration.between(from, scene.now).toMillis()))
                : edges.get(scene.random.nextInt(edges.size()));
    }

    /** Those whose files are all there. */
    private static List<Manifest> whole(Scene scene) {
        Set<String> there = new HashSet<>(scene.contents.backups());
        there.addAll(scene.contents.wal());
        return scene.contents.manifests().stream()
                .filter(m -> !scene.contents.damaged().contains(m.id()))
                .filter(m -> m.artifacts().stream().allMatch(a -> there.contains(Layout.folder(m, a) + "/" + a.name())))
                .toList();
    }

    private static Scene scene(int seed) {
        Random random = new Random(seed);
        List<Manifest> all = new ArrayList<>();
        List<SimulatedCluster.Life> lives =
                new ArrayList<>(SimulatedCluster.lives(random, "7300", 5 + random.nextInt(25)));
        if (random.nextInt(3) == 0) {
            lives.addAll(SimulatedCluster.lives(random, "7400", random.nextInt(10)));
        }
        for (SimulatedCluster.Life life : lives) {
            life.bases.forEach(base -> all.add(packed(base)));
            all.addAll(life.incrementals);
        }
        Instant last = all.stream()
                .map(m -> m.id().began())
                .max(Comparator.naturalOrder())
                .orElseThrow();
        Instant now = Stream.concat(
                        Stream.of(last),
                        all.stream()
                                .filter(m -> m.physical() != null)
                                .map(m -> m.physical().endTime()))
                .max(Comparator.naturalOrder())
                .orElseThrow()
                .plusSeconds(random.nextInt(200));
        for (int count = random.nextInt(30); count >= 0; count--) {
            all.add(full(now.minusSeconds(random.nextInt(random.nextBoolean() ? 1500 : 5_000_000)), random));
        }
        Map<String, String> unbelieved = new HashMap<>();
        List<Manifest> believed = new ArrayList<>();
        for (Manifest manifest : all) {
            if (random.nextInt(200) == 0) {
                unbelieved.put(Layout.folder(manifest), "forged");
            } else {
                believed.add(manifest);
            }
        }
        Duration window = Duration.between(last, now).plusSeconds(random.nextInt(1500));
        Instant later = now.plus(ORPHANED);
        return new Scene(
                random,
                all,
                contents(random, all, believed, unbelieved, later),
                policy(random, window.plus(ORPHANED)),
                later);
    }

    private static RetentionPolicy policy(Random random, Duration window) {
        return new RetentionPolicy(
                window,
                1 + random.nextInt(4),
                random.nextInt(8),
                random.nextInt(5),
                random.nextInt(4),
                ZoneId.of("Europe/Oslo"));
    }

    private static StoreContents contents(
            Random random, List<Manifest> all, List<Manifest> believed, Map<String, String> unbelieved, Instant now) {
        Set<String> backups = new TreeSet<>();
        Set<String> wal = new TreeSet<>();
        for (Manifest manifest : all) {
            for (String path : paths(manifest)) {
                boolean lost = random.nextInt(2000) == 0 && !path.endsWith(Manifest.FILE_NAME);
                if (!lost) {
                    (path.startsWith(Layout.WAL) ? wal : backups).add(path);
                }
            }
        }
        Manifest read = believed.get(random.nextInt(believed.size()));
        Lease lease =
                new Lease("lease", "restore", "host", List.of(read.id()), now.plusSeconds(random.nextInt(7200) - 3600));
        Manifest damaged = believed.get(random.nextInt(believed.size()));
        return new StoreContents(
                believed,
                unbelieved,
                List.copyOf(backups),
                List.copyOf(wal),
                random.nextBoolean() ? List.of(lease) : List.of(),
                List.of(),
                Set.of(),
                Set.of(),
                Set.of(),
                random.nextInt(10) == 0 ? Set.of(damaged.id()) : Set.of());
    }

    private static Scene without(Scene scene, Collection<String> gone) {
        Set<String> files = new HashSet<>(gone);
        StoreContents was = scene.contents;
        StoreContents is = new StoreContents(
                was.manifests().stream()
                        .filter(m -> !files.contains(Layout.folder(m) + "/" + Manifest.FILE_NAME))
                        .toList(),
                was.unbelieved(),
                was.backups().stream().filter(path -> !files.contains(path)).toList(),
                was.wal().stream().filter(path -> !files.contains(path)).toList(),
                was.leases().stream()
                        .filter(lease -> !files.contains(lease.path()))
                        .toList(),
                was.unreadableLeases(),
                was.elsewhere(),
                was.fresh(),
                was.running(),
                was.damaged());
        return new Scene(scene.random, scene.manifests, is, scene.policy, scene.now);
    }

    private static List<String> paths(Manifest manifest) {
        String folder = Layout.folder(manifest);
        return Stream.concat(
                        Stream.of(folder + "/" + Manifest.FILE_NAME, folder + "/" + Manifest.SIGNATURE_NAME),
                        manifest.artifacts().stream()
                                .flatMap(a -> Stream.of(a.name(), a.name() + ".key")
                                        .map(name -> Layout.folder(manifest, a) + "/" + name)))
                .toList();
    }

    private static Manifest packed(Manifest base) {
        return with(base, SampleChain.artifact("base.tar.zst.pgp", Artifact.BASE, "base"), null);
    }

    private static Manifest full(Instant began, Random random) {
        Manifest empty = new SampleChain("7300", BackupId.base(began)).base(BackupId.full(began), null);
        return with(
                empty,
                SampleChain.artifact("database.dump.zst.pgp", Artifact.DUMP_CUSTOM, "dump"),
                random.nextBoolean() ? "shop" : "books");
    }

    private static Manifest with(Manifest of, Artifact artifact, String database) {
        return new Manifest(
                of.format(),
                of.id(),
                of.kind(),
                of.started(),
                of.finished(),
                0,
                of.host(),
                database,
                of.serverVersion(),
                of.systemIdentifier(),
                null,
                of.tools(),
                of.options(),
                List.of(artifact),
                null,
                null,
                List.of(),
                null,
                of.physical(),
                of.wal(),
                null);
    }
}
