package io.bactrian.repository;

import static io.bactrian.repository.SampleChain.SEGMENT;
import static io.bactrian.repository.SampleChain.at;
import static io.bactrian.repository.SampleChain.inside;
import static io.bactrian.repository.SampleChain.startOf;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChainTest {
    private final SampleChain sample = SampleChain.begunAt(0);
    private final Manifest base = sample.base(0, 1, 3, 4);
    private final Manifest one = sample.incremental(2, null, 1, 3, 4);
    private final Manifest two = sample.incremental(10, one, 1, 5, 5);
    private final Manifest three = sample.incremental(20, two, 1, 6, 9);
    private final Manifest later = sample.base(15, 1, 7, 8);

    @Test
    void a_chain_is_put_together_from_manifests_in_any_order() {
        List<Manifest> manifests = new ArrayList<>(List.of(base, one, two, three, later));
        Collections.reverse(manifests);

        Chain chain = only(manifests);

        assertThat(chain.id()).isEqualTo(sample.id());
        assertThat(chain.faults()).isEmpty();
        assertThat(chain.isOpen()).isTrue();
        assertThat(chain.bases()).containsExactly(base, later);
        assertThat(chain.incrementals()).containsExactly(one, two, three);
        assertThat(chain.stretches()).hasSize(1);
        assertThat(chain.end()).contains(new Chain.End(startOf(10), 1, SEGMENT, three.id()));
        assertThat(chain.newestBase()).contains(later);
        assertThat(chain.storedUntil()).contains(at(20));
    }

    @Test
    void the_window_runs_from_the_end_of_a_base_to_the_last_cut() {
        Chain chain = only(List.of(base, one, two, three, later));

        assertThat(chain.window(base)).contains(new RecoveryWindow(at(1), at(20)));
        assertThat(chain.window(later)).contains(new RecoveryWindow(at(16), at(20)));
        assertThat(chain.windows()).containsExactly(new RecoveryWindow(at(1), at(20)));
        assertThat(chain.window()).contains(new RecoveryWindow(at(1), at(20)));
    }

    @Test
    void a_base_has_no_window_before_its_log_is_stored_up_to_a_cut() {
        Chain begun = only(List.of(base));

        assertThat(begun.window()).isEmpty();
        assertThat(begun.newestBase()).isEmpty();
        assertThat(begun.faults()).singleElement().asString().contains(base.id().text(), "cannot be recovered from");
        assertThat(begun.end())
                .as("the next incremental begins with the base")
                .contains(new Chain.End(startOf(3), 1, SEGMENT, null));
    }

    @Test
    void a_lost_incremental_ends_one_stretch_and_a_base_after_it_begins_the_next() {
        Chain chain = only(List.of(base, one, three, later));

        assertThat(chain.stretches()).hasSize(2);
        assertThat(chain.windows())
                .containsExactly(new RecoveryWindow(at(1), at(2)), new RecoveryWindow(at(16), at(20)));
        assertThat(chain.window()).contains(new RecoveryWindow(at(16), at(20)));
        assertThat(chain.faults())
                .singleElement()
                .asString()
                .contains(three.id().text(), two.id() + ", which it follows, is missing");
        assertThat(chain.end()).contains(new Chain.End(startOf(10), 1, SEGMENT, three.id()));
    }

    @Test
    void what_retention_took_from_the_front_is_no_fault() {
        Chain chain = only(List.of(three, later));

        assertThat(chain.faults()).isEmpty();
        assertThat(chain.window()).contains(new RecoveryWindow(at(16), at(20)));
    }

    @Test
    void a_base_whose_log_is_incomplete_is_named() {
        Chain chain = only(List.of(base, two, three, later));

        assertThat(chain.window(base)).isEmpty();
        assertThat(chain.faults()).singleElement().asString().contains(base.id().text(), "cannot be recovered from");
    }

    @Test
    void an_incremental_that_overlaps_or_leaves_a_gap_does_not_go_on_with_the_log() {
        Manifest overlapping = sample.incremental(20, two, 1, 5, 9);
        Manifest tooLate = sample.incremental(20, two, 1, 7, 9);

        for (Manifest wrong : List.of(overlapping, tooLate)) {
            Chain chain = only(List.of(base, one, two, wrong));

            assertThat(chain.windows()).containsExactly(new RecoveryWindow(at(1), at(10)));
            assertThat(chain.faults())
                    .singleElement()
                    .asString()
                    .contains(
                            wrong.id() + " begins at " + wrong.wal().start(),
                            two.id() + ", which it follows, ended at");
        }
    }

    @Test
    void of_two_branches_the_one_that_goes_further_counts_and_the_other_is_named() {
        Manifest rival = sample.incremental(12, one, 1, 5, 5);
        Manifest afterRival = sample.incremental(25, rival, 1, 6, 10);

        Chain chain = only(List.of(base, one, two, rival, afterRival));

        assertThat(chain.incrementals()).containsExactly(one, rival, afterRival);
        assertThat(chain.faults()).singleElement().asString().startsWith(two.id() + " does not count");
        assertThat(only(List.of(base, one, two, rival)).incrementals())
                .as("of two that go as far the first that was written")
                .containsExactly(one, two);
        assertThat(only(List.of(one, rival, two, three)).incrementals()).containsExactly(one, two, three);
    }

    @Test
    void of_two_beginnings_one_counts() {
        Manifest rival = sample.incremental(3, null, 1, 3, 3);

        assertThat(only(List.of(base, one, two, rival)).incrementals()).containsExactly(one, two);
    }

    @Test
    void a_closed_chain_keeps_its_window_and_says_why_it_ends() {
        Manifest closing = sample.closing(30, three, "the slot was lost");
        Chain chain = only(List.of(base, one, two, three, closing));

        assertThat(chain.isOpen()).isFalse();
        assertThat(chain.closed()).isEqualTo("the slot was lost");
        assertThat(chain.window()).contains(new RecoveryWindow(at(1), at(20)));
        assertThat(chain.faults()).isEmpty();

        Manifest afterwards = sample.incremental(40, closing, 1, 10, 10);
        assertThat(only(List.of(base, one, two, three, closing, afterwards)).faults())
                .singleElement()
                .asString()
                .contains(afterwards.id() + " follows " + closing.id() + ", which closed the chain");
    }

    @Test
    void a_promotion_goes_on_with_the_chain_if_its_history_is_stored() {
        List<Artifact> crossing = new ArrayList<>(SampleChain.segments(2, 6, 9));
        crossing.add(SampleChain.history(2));
        Manifest promoted = sample.incremental(20, two, crossing);

        Chain chain = only(List.of(base, one, two, promoted));

        assertThat(chain.faults()).isEmpty();
        assertThat(chain.window()).contains(new RecoveryWindow(at(1), at(20)));
        assertThat(chain.end()).contains(new Chain.End(startOf(10), 2, SEGMENT, promoted.id()));
    }

    @Test
    void without_its_history_no_older_base_leads_to_a_timeline() {
        Manifest promoted = sample.incremental(20, two, 2, 6, 9);
        Manifest there = sample.base(30, 2, 10, 10);
        Manifest last = sample.incremental(32, promoted, 2, 10, 10);

        Chain chain = only(List.of(base, one, two, promoted, there, last));

        assertThat(chain.windows())
                .containsExactly(new RecoveryWindow(at(1), at(10)), new RecoveryWindow(at(31), at(32)));
        assertThat(chain.faults()).singleElement().asString().contains("the history of that timeline is missing");
    }

    @Test
    void an_incremental_that_goes_back_to_an_older_timeline_breaks_off() {
        Manifest promoted = sample.incremental(10, one, 2, 5, 5);
        Manifest back = sample.incremental(20, promoted, 1, 6, 6);

        assertThat(only(List.of(one, promoted, back)).stretches()).hasSize(2);
    }

    @Test
    void a_base_of_a_branch_that_the_log_did_not_take_is_not_recovered_from() {
        Manifest elsewhere = sample.base(5, 2, 5, 5);

        assertThat(only(List.of(base, one, two, elsewhere)).window(elsewhere)).isEmpty();

        Manifest leftBehind = sample.base(5, 1, 5, 6);
        List<Artifact> crossing = new ArrayList<>(SampleChain.segments(2, 6, 9));
        crossing.add(SampleChain.history(2));
        assertThat(only(List.of(base, one, two, leftBehind, sample.incremental(20, two, crossing)))
                        .window(leftBehind))
                .as("its copy ended on a timeline that the log had left")
                .isEmpty();
    }

    @Test
    void clusters_and_chains_are_kept_apart() {
        SampleChain other = sample.ofCluster("42");
        SampleChain second = SampleChain.begunAt(60);

        List<Chain> chains = Chain.of(List.of(
                second.base(60, 1, 20, 20), base, one, other.base(0, 1, 3, 4), other.incremental(2, null, 1, 3, 4)));

        assertThat(chains).extracting(Chain::id).containsExactly(sample.id(), sample.id(), second.id());
        assertThat(chains).extracting(Chain::systemId).containsExactly("42", sample.systemId(), sample.systemId());
        assertThat(Chain.newest(chains, sample.systemId())).contains(chains.get(2));
        assertThat(Chain.newest(chains, "1")).isEmpty();
    }

    @Test
    void the_same_manifest_from_two_stores_counts_once() {
        assertThat(only(List.of(base, one, one, base)).faults()).isEmpty();
    }

    @Test
    void a_manifest_that_contradicts_itself_is_named_and_not_believed() {
        List<Artifact> gap = new ArrayList<>(SampleChain.segments(1, 5, 6));
        gap.remove(0);
        Manifest wrong = sample.incremental(two.id(), two.wal(), gap);

        Chain chain = only(List.of(base, one, wrong, three, later));

        assertThat(chain.incrementals()).containsExactly(one, three);
        assertThat(chain.faults())
                .anySatisfy(fault -> assertThat(fault)
                        .contains("the manifest of " + two.id() + " does not list the segment at " + startOf(5)));
    }

    @Test
    void segments_of_another_size_do_not_join() {
        PhysicalBase physical = new PhysicalBase(sample.id(), 1, 2 * SEGMENT, inside(3), inside(4), at(30), 1000);

        assertThat(only(List.of(base, one, sample.base(BackupId.base(at(29)), physical)))
                        .faults())
                .singleElement()
                .asString()
                .contains("segments of another size");
    }

    private static Chain only(List<Manifest> manifests) {
        List<Chain> chains = Chain.of(manifests);
        assertThat(chains).hasSize(1);
        return chains.get(0);
    }
}
