package io.bactrian.pipeline;

import io.bactrian.postgres.Guardian;
import io.bactrian.postgres.RecoveredCluster;
import java.time.Clock;
import java.util.List;
import java.util.function.Consumer;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** The {@code recover} step: a temporary server replays the WAL up to exactly the planned target. */
public final class Recover implements Processor {
    private final Guardian guardian;
    private final Clock clock;
    private final boolean terminal;

    Recover(Guardian guardian, Clock clock, boolean terminal) {
        this.guardian = guardian;
        this.clock = clock;
        this.terminal = terminal;
    }

    @Override
    public void process(Exchange exchange) {
        Recovery recovery = Recovery.of(exchange).entering("replay", clock.instant());
        List<String> segments = recovery.segmentNames();
        RecoveredCluster cluster = recovery.options().standby()
                ? RecoveredCluster.stopAt(recovery.base(), guardian, recovery.target(), segments, progress(segments))
                : RecoveredCluster.open(
                        recovery.base(),
                        guardian,
                        recovery.target(),
                        segments,
                        recovery.isWholeCluster(),
                        progress(segments));
        Resources.closeAfter(exchange, cluster);
        recovery.withCluster(cluster)
                .reporting(List.of(
                        "Recovered to " + recovery.moment() + ", from "
                                + recovery.plan().base().id() + ".",
                        "The last transaction inside: "
                                + cluster.lastTransaction().orElse("none after the base")))
                .on(exchange);
    }

    /** Ends the temporary server and removes its cluster, for routes that are done with it before the exchange is. */
    public void dismiss(Exchange exchange) {
        Recovery.of(exchange).cluster().close();
    }

    private Consumer<String> progress(List<String> segments) {
        if (!terminal) {
            return segment -> {};
        }
        return segment -> System.err.printf(
                "\rreplaying %s, %d of %d \u001b[K", segment, segments.indexOf(segment) + 1, segments.size());
    }
}
