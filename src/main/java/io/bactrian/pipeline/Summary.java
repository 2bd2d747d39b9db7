package io.bactrian.pipeline;

import io.bactrian.alert.Alert;
import io.bactrian.repository.History;
import io.bactrian.repository.RunRecord;
import io.bactrian.repository.Status;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.apache.camel.Exchange;

/** The {@code summaryOfWeek} step: how things stand, and what was run in the last week. */
public final class Summary {
    private static final Duration WEEK = Duration.ofDays(7);

    private final History history;
    private final Clock clock;

    Summary(History history, Clock clock) {
        this.history = history;
        this.clock = clock;
    }

    /** The body is the status, and becomes an alert. */
    public void alert(Exchange exchange) throws IOException {
        Status status = exchange.getMessage().getBody(Status.class);
        List<String> lines = new ArrayList<>(List.of("Health: " + status.health()));
        status.reasons().forEach(reason -> lines.add("- " + reason));
        lines.add("Backups: " + status.totalBackups() + ", " + Sizes.text(status.totalBytes()));
        if (status.last() != null) {
            lines.add("Last backup: " + status.last().id() + ", " + Sizes.text(status.lastBytes()));
        }
        lines.addAll(runs());
        exchange.getMessage().setBody(Alert.summary("the last week", String.join("\n", lines)));
    }

    private List<String> runs() throws IOException {
        Instant since = clock.instant().minus(WEEK);
        List<RunRecord> recent = history.read().stream()
                .filter(run -> !run.started().isBefore(since))
                .toList();
        List<String> lines = new ArrayList<>();
        for (String activity :
                new TreeSet<>(recent.stream().map(RunRecord::activity).toList())) {
            List<RunRecord> its = recent.stream()
                    .filter(run -> run.activity().equals(activity))
                    .toList();
            long failed = its.stream().filter(run -> !run.succeeded()).count();
            lines.add("Runs of " + activity + ": " + (its.size() - failed) + " done, " + failed + " failed");
        }
        return lines;
    }
}
