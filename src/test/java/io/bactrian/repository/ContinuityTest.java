package io.bactrian.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.postgres.Cluster;
import io.bactrian.postgres.Lsn;
import io.bactrian.postgres.ReplicationSlot;
import io.bactrian.postgres.TimelineHistory;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ContinuityTest {
    private static final int SEGMENT = 16 * 1024 * 1024;
    private static final Lsn END = Lsn.of("0/5000000");
    private static final TimelineHistory PROMOTED =
            TimelineHistory.parse(2, "1\t0/5800000\tno recovery target specified\n");
    private static final TimelineHistory PROMOTED_EARLIER =
            TimelineHistory.parse(2, "1\t0/4800000\tno recovery target specified\n");

    private static Chain.End end(int timeline) {
        return new Chain.End(END, timeline, SEGMENT, null);
    }

    private static Cluster server(String systemId, int timeline, String flushed) {
        return new Cluster(systemId, timeline, Lsn.of(flushed), SEGMENT, "15.18", false);
    }

    private static Optional<String> onFirstTimeline(Cluster cluster, TimelineHistory now, ReplicationSlot.State slot) {
        return Continuity.broken("7", end(1), cluster, now, Optional.empty(), Optional.ofNullable(slot));
    }

    private static ReplicationSlot.State slot(String restart, String status) {
        return new ReplicationSlot.State(restart == null ? null : Lsn.of(restart), status, false, 0);
    }

    @Test
    void a_server_that_wrote_on_continues_the_chain() {
        assertThat(onFirstTimeline(
                        server("7", 1, "0/5000060"), TimelineHistory.first(1), slot("0/5000000", "reserved")))
                .isEmpty();
        assertThat(onFirstTimeline(server("7", 1, "0/5000000"), TimelineHistory.first(1), null))
                .isEmpty();
        assertThat(onFirstTimeline(
                        server("7", 1, "0/9000000"), TimelineHistory.first(1), slot("0/5000000", "unreserved")))
                .isEmpty();
    }

    @Test
    void a_slot_that_was_moved_on_proves_nothing_yet() {
        assertThat(onFirstTimeline(
                        server("7", 1, "0/9000000"), TimelineHistory.first(1), slot("0/8000000", "reserved")))
                .isEmpty();
    }

    @Test
    void a_lost_slot_breaks_it() {
        assertThat(onFirstTimeline(server("7", 1, "0/9000000"), TimelineHistory.first(1), slot(null, "lost")))
                .hasValueSatisfying(reason -> assertThat(reason).contains("gave up our replication slot"));
    }

    @Test
    void another_cluster_breaks_it() {
        assertThat(onFirstTimeline(server("8", 1, "0/9000000"), TimelineHistory.first(1), null))
                .hasValueSatisfying(reason -> assertThat(reason).contains("identifier is 8", "is 7"));
    }

    @Test
    void a_server_that_went_back_in_time_breaks_it() {
        assertThat(onFirstTimeline(server("7", 1, "0/4FFFFFF"), TimelineHistory.first(1), null))
                .hasValueSatisfying(reason -> assertThat(reason).contains("gone back"));
    }

    @Test
    void a_promotion_after_the_end_of_the_chain_continues_it_and_one_before_breaks_it() {
        assertThat(onFirstTimeline(server("7", 2, "0/9000000"), PROMOTED, null)).isEmpty();
        assertThat(onFirstTimeline(server("7", 2, "0/9000000"), PROMOTED_EARLIER, null))
                .hasValueSatisfying(reason -> assertThat(reason).contains("timeline 2", "parted"));
    }

    @Test
    void another_timeline_of_the_same_number_breaks_it() {
        Cluster second = server("7", 2, "0/9000000");
        assertThat(Continuity.broken("7", end(2), second, PROMOTED, Optional.of(PROMOTED), Optional.empty()))
                .isEmpty();
        assertThat(Continuity.broken("7", end(2), second, PROMOTED_EARLIER, Optional.of(PROMOTED), Optional.empty()))
                .isPresent();
    }

    @Test
    void an_older_timeline_breaks_it() {
        assertThat(Continuity.broken(
                        "7",
                        end(2),
                        server("7", 1, "0/9000000"),
                        TimelineHistory.first(1),
                        Optional.of(PROMOTED),
                        Optional.empty()))
                .isPresent();
    }

    @Test
    void segments_of_another_size_break_it() {
        Cluster larger = new Cluster("7", 1, Lsn.of("0/9000000"), 4 * SEGMENT, "15.18", false);
        assertThat(onFirstTimeline(larger, TimelineHistory.first(1), null)).isPresent();
    }
}
