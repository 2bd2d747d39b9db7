package io.bactrian.repository;

import static io.bactrian.repository.SampleChain.SEGMENT;
import static io.bactrian.repository.SampleChain.at;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecoveryPlanTest {
    private final SampleChain sample = SampleChain.begunAt(0);
    private final Manifest base = sample.base(0, 1, 3, 4);
    private final Manifest one = sample.incremental(2, null, 1, 2, 4);
    private final Manifest two = sample.incremental(10, one, 1, 5, 5);
    private final Manifest later = sample.base(15, 1, 7, 8);
    private final Manifest three = sample.incremental(20, two, 1, 6, 9);
    private final List<Manifest> all = List.of(base, one, two, later, three);

    @Test
    void a_plan_holds_exactly_the_segments_from_the_base_to_the_marker_after_the_time() {
        RecoveryPlan plan = plan(all, 7);

        assertThat(plan.base()).isEqualTo(base);
        assertThat(plan.incrementals()).containsExactly(one, two);
        assertThat(segments(plan))
                .as("not the one before the base, and none after the cut")
                .containsExactly("000000010000000000000003", "000000010000000000000004", "000000010000000000000005");
        assertThat(plan.target()).isEqualTo(RecoveryTarget.time(at(7)));
        assertThat(plan.timeline()).isEqualTo(1);
        assertThat(plan.until()).isEqualTo(at(7));
        assertThat(plan.window()).isEqualTo(new RecoveryWindow(at(1), at(20)));
        assertThat(plan.walFolder()).isEqualTo("wal/" + sample.systemId() + "/" + sample.id());
        assertThat(plan.unpackedBytes()).isEqualTo(1000 + 3L * SEGMENT);
    }

    @Test
    void the_newest_base_that_had_ended_by_then_is_chosen() {
        assertThat(plan(all, 15.5).base())
                .as("the later one was still being copied")
                .isEqualTo(base);
        assertThat(plan(all, 16).base()).isEqualTo(later);
        assertThat(segments(plan(all, 16))).first().isEqualTo("000000010000000000000007");
    }

    @Test
    void a_time_at_a_cut_needs_no_more_than_that_cut_and_a_moment_after_needs_the_next() {
        assertThat(plan(all, 10).incrementals()).containsExactly(one, two);
        assertThat(RecoveryPlan.of(Chain.of(all), time(at(10).plusNanos(1000)), at(60))
                        .incrementals())
                .containsExactly(one, two, three);
    }

    @Test
    void both_ends_of_the_window_can_be_recovered() {
        assertThat(plan(all, 1).base()).isEqualTo(base);
        assertThat(plan(all, 20).incrementals()).containsExactly(three);
    }

    @Test
    void latest_goes_to_the_last_cut_by_its_place_in_the_log() {
        RecoveryPlan plan = RecoveryPlan.of(Chain.of(all), RecoveryTime.LATEST, at(60));

        assertThat(plan.base()).isEqualTo(later);
        assertThat(plan.target())
                .isEqualTo(new RecoveryTarget(
                        "recovery_target_lsn", three.wal().cut().lsn().text()));
        assertThat(plan.until()).isEqualTo(at(20));
    }

    @Test
    void a_plan_across_a_promotion_follows_the_new_timeline_and_brings_its_history() {
        List<Artifact> crossing = new ArrayList<>(SampleChain.segments(2, 10, 11));
        crossing.add(SampleChain.history(2));
        Manifest promoted = sample.incremental(30, three, crossing);

        RecoveryPlan across = plan(with(promoted), 25);
        assertThat(across.timeline()).isEqualTo(2);
        assertThat(across.histories()).containsExactly(SampleChain.history(2));
        assertThat(segments(across))
                .endsWith("000000010000000000000009", "00000002000000000000000A", "00000002000000000000000B");

        RecoveryPlan before = plan(with(promoted), 18);
        assertThat(before.timeline())
                .as("the covering incremental ended before it")
                .isEqualTo(1);
        assertThat(before.histories()).isEmpty();
    }

    @Test
    void a_history_that_is_stored_twice_is_taken_once_as_it_was_stored_last() {
        List<Artifact> first = new ArrayList<>(SampleChain.segments(2, 10, 10));
        first.add(SampleChain.history(2));
        Manifest promoted = sample.incremental(30, three, first);
        List<Artifact> again = new ArrayList<>(SampleChain.segments(2, 11, 11));
        Artifact rewritten =
                SampleChain.artifact(SampleChain.history(2).name(), Artifact.TIMELINE_HISTORY, "rewritten");
        again.add(rewritten);

        assertThat(plan(with(promoted, sample.incremental(40, promoted, again)), 35)
                        .histories())
                .containsExactly(rewritten);
    }

    @Test
    void of_two_chains_that_hold_the_time_the_newer_one_was_live_then() {
        SampleChain branch = SampleChain.begunAt(12);
        Manifest begun = branch.base(12, 2, 5, 5);
        Manifest first = branch.incremental(19, null, 2, 5, 5);

        assertThat(plan(with(begun, first), 17).base()).isEqualTo(begun);
        assertThat(plan(with(begun, first), 8).base()).isEqualTo(base);
        assertThat(plan(with(begun, first), 20).base())
                .as("only the older one goes so far")
                .isEqualTo(later);
    }

    @Test
    void outside_of_the_window_is_refused_and_the_window_is_printed() {
        assert_refused(all, 0.5, "before the first base had ended", "Choose a later time");
        assert_refused(all, 59, "after the last cut", "`bactrian incremental`");
        assert_refused(all, 61, "in the future", "`latest`");
        assert_refused(
                with(sample.closing(30, three, "detached")), 59, "after the last cut", "(detached): `bactrian full`");
    }

    @Test
    void a_time_between_two_windows_is_refused_and_both_are_printed() {
        Failure failure = refusal(List.of(base, one, later, three), 8);

        assertThat(failure)
                .hasMessageContaining("its log is not in the repository")
                .hasMessageContaining("2025-01-01T00:01:00Z to 2025-01-01T00:02:00Z, "
                        + "2025-01-01T00:16:00Z to 2025-01-01T00:20:00Z");
    }

    @Test
    void without_a_base_or_its_log_the_refusal_says_so() {
        assertThat(refusal(List.of(), 5)).hasMessageContaining("no physical base");
        assertThat(refusal(List.of(one, two), 5)).hasMessageContaining("no physical base");
        assertThat(refusal(List.of(base), 5))
                .hasMessageContaining("no base has its log up to a cut")
                .hasMessageContaining(base.id() + " cannot be recovered from");
        Failure latest =
                catchThrowableOfType(Failure.class, () -> RecoveryPlan.of(List.of(), RecoveryTime.LATEST, at(60)));
        assertThat(latest.exitCode()).isEqualTo(ExitCode.PRECONDITION);
        assertThat(latest.hint()).contains("BACKUP_PITR=on");
    }

    private void assert_refused(List<Manifest> manifests, double minute, String why, String hint) {
        Failure failure = refusal(manifests, minute);

        assertThat(failure).hasMessageContaining(why);
        assertThat(failure).hasMessageContaining("2025-01-01T00:01:00Z to 2025-01-01T00:20:00Z");
        assertThat(failure.hint()).contains(hint);
    }

    private static Failure refusal(List<Manifest> manifests, double minute) {
        Failure failure = catchThrowableOfType(Failure.class, () -> plan(manifests, minute));
        assertThat(failure).isNotNull();
        assertThat(failure.exitCode()).isEqualTo(ExitCode.PRECONDITION);
        return failure;
    }

    private List<Manifest> with(Manifest... more) {
        List<Manifest> manifests = new ArrayList<>(all);
        manifests.addAll(List.of(more));
        return manifests;
    }

    private static RecoveryPlan plan(List<Manifest> manifests, double minute) {
        return RecoveryPlan.of(Chain.of(manifests), time(at(minute)), at(60));
    }

    private static RecoveryTime time(Instant instant) {
        return new RecoveryTime(instant, null);
    }

    private static List<String> segments(RecoveryPlan plan) {
        return plan.segments().stream()
                .map(artifact -> artifact.name().replace(".zst.pgp", ""))
                .toList();
    }
}
