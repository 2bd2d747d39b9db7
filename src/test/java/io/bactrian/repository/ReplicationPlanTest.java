package io.bactrian.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.bactrian.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ReplicationPlanTest {
    private static final String CREATED = "2025-01-01T00:00:00Z";
    private static final Store NEAR = new Store("near", "near");
    private static final Store FAR = new Store("far", "far");

    private final SampleChain chain = SampleChain.begunAt(0);
    private final Manifest base = finished(chain.base(0, 1, 1, 1), 6);
    private final Manifest first = finished(chain.incremental(5, null, 1, 1, 2), 7);
    private final Manifest second = finished(chain.incremental(10, first, 1, 3, 4), 11);
    private final List<Manifest> all = List.of(second, base, first);
    private final Holding local = holding(Store.LOCAL, base, first, second);

    private static Manifest finished(Manifest manifest, int minute) {
        return new Manifest(
                manifest.format(),
                manifest.id(),
                manifest.kind(),
                SampleChain.at(minute - 1),
                SampleChain.at(minute),
                60_000,
                manifest.host(),
                manifest.database(),
                manifest.serverVersion(),
                manifest.systemIdentifier(),
                manifest.snapshotLsn(),
                manifest.tools(),
                manifest.options(),
                manifest.artifacts(),
                manifest.objects(),
                manifest.proof(),
                manifest.warnings(),
                manifest.base(),
                manifest.physical(),
                manifest.wal(),
                manifest.signer());
    }

    private static Holding holding(Store store, Manifest... manifests) {
        List<String> paths = new ArrayList<>(List.of("keys/aa.public.asc", "keys/aa.secret.asc"));
        for (Manifest manifest : manifests) {
            for (String name : List.of(Manifest.FILE_NAME, Manifest.SIGNATURE_NAME)) {
                paths.add(Layout.folder(manifest) + "/" + name);
            }
        }
        return Holding.of(store, paths).of(CREATED);
    }

    private static ReplicationPlan plan(Holding... holdings) {
        return ReplicationPlan.of(Survey.of(List.of(holdings)));
    }

    private List<ReplicationPlan.Lack> lacks(ReplicationPlan plan, int firstMinute) {
        List<Manifest> lacking = all.stream()
                .filter(m -> plan.lacking().contains(Layout.folder(m) + "/" + Manifest.FILE_NAME))
                .toList();
        return plan.backups(lacking, SampleChain.at(firstMinute), (store, manifest) -> true);
    }

    @Test
    void a_store_that_has_everything_lacks_nothing() {
        ReplicationPlan plan = plan(local, holding(NEAR, base, first, second));

        assertThat(plan.lacking()).isEmpty();
        assertThat(plan.identity(path -> true)).isEmpty();
    }

    @Test
    void each_store_gets_what_it_lacks_the_newest_first_and_then_in_the_order_of_writing() {
        ReplicationPlan plan = plan(local, holding(NEAR, base), holding(FAR));

        assertThat(lacks(plan, 10))
                .extracting(ReplicationPlan.Lack::id, ReplicationPlan.Lack::stores)
                .containsExactly(
                        tuple(second.id(), List.of(NEAR, FAR)),
                        tuple(base.id(), List.of(FAR)),
                        tuple(first.id(), List.of(NEAR, FAR)));
    }

    @Test
    void the_manifest_of_a_backup_goes_last_and_what_vouches_for_it_before() {
        ReplicationPlan plan = plan(local, holding(NEAR));

        List<String> paths = plan.files(lacks(plan, 20).get(1), first).stream()
                .map(Transfer::path)
                .toList();

        String folder = Layout.folder(first);
        assertThat(paths).endsWith(folder + "/manifest.json.sig", folder + "/manifest.json");
        assertThat(paths.subList(0, paths.size() - 2)).hasSize(2).allMatch(path -> path.startsWith("wal/"));
    }

    @Test
    void a_store_that_wants_a_backup_no_more_does_not_get_it() {
        ReplicationPlan plan = plan(local, holding(NEAR, base, first));

        assertThat(plan.backups(List.of(second), SampleChain.at(20), (store, manifest) -> !store.equals(NEAR)))
                .isEmpty();
    }

    @Test
    void a_new_store_gets_the_repository_before_the_keys_and_the_secret_ones_only_where_they_may_leave() {
        Holding empty = Holding.of(NEAR, List.of());

        assertThat(plan(local, empty).identity(path -> path.endsWith(".public.asc")))
                .extracting(Transfer::path)
                .containsExactly("repository.json", "keys/aa.public.asc");
    }

    @Test
    void what_a_killed_write_left_of_a_manifest_is_not_read_ahead() {
        String manifest = "full/full_2025-01-01T02-00-00-000Z/manifest.json";
        Holding there = Holding.of(NEAR, List.of(manifest, manifest + ".x1f.unfinished"));

        assertThat(Survey.of(List.of(Holding.of(Store.LOCAL, List.of()), there)).unseen())
                .extracting(Survey.Place::path)
                .containsExactly(manifest);
    }

    @Test
    void what_a_killed_write_left_of_a_key_is_not_sent() {
        Holding remnant = Holding.of(Store.LOCAL, List.of("keys/aa.public.asc", "keys/aa.public.asc.x1f.unfinished"));

        assertThat(plan(remnant.of(CREATED), Holding.of(NEAR, List.of()).of(CREATED))
                        .identity(path -> true))
                .extracting(Transfer::path)
                .containsExactly("keys/aa.public.asc");
    }

    @Test
    void a_store_with_another_repository_and_one_that_is_away_get_nothing() {
        Holding another = Holding.of(NEAR, List.of("keys/bb.public.asc")).of("2024-06-01T00:00:00Z");
        Holding away = Holding.unreachable(FAR, Failure.running("away", "wait"));

        assertThat(plan(local, another, away).lacking()).isEmpty();
        assertThat(plan(local, another, away).identity(path -> true)).isEmpty();
        assertThat(Survey.of(List.of(local, another)).holdings().get(1).unreachable())
                .hasMessageContaining("another repository");
    }

    @Test
    void only_manifests_that_no_store_before_has_are_read_ahead() {
        Survey survey = Survey.of(List.of(local, holding(NEAR, base, first, second)));
        Survey without =
                Survey.of(List.of(holding(Store.LOCAL, base), holding(NEAR, base, first), holding(FAR, first, second)));

        assertThat(survey.unseen()).isEmpty();
        assertThat(without.unseen().stream().map(place -> place.store().name() + ":" + place.path()))
                .containsExactlyElementsOf(Stream.of(first, second)
                        .flatMap(m -> Stream.of(Manifest.FILE_NAME, Manifest.SIGNATURE_NAME)
                                .map(name -> (m == first ? "near:" : "far:") + Layout.folder(m) + "/" + name))
                        .toList());
    }
}
