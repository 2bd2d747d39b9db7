package io.bactrian.pipeline;

import io.bactrian.Failure;
import io.bactrian.repository.Artifact;
import java.util.function.Predicate;
import org.apache.camel.Exchange;

/** The {@code artifact} of a backup that the next steps read. */
public final class ChooseArtifact {
    /** The body is the artifact itself, from a split. */
    public void body(Exchange exchange) {
        Reading.of(exchange)
                .withArtifact(exchange.getMessage().getBody(Artifact.class))
                .on(exchange);
    }

    public void dump(Exchange exchange) {
        only(exchange, Artifact::isDump, "dump");
    }

    public void globals(Exchange exchange) {
        only(exchange, a -> a.content().equals(Artifact.GLOBALS), "globals");
    }

    public void properties(Exchange exchange) {
        only(exchange, a -> a.content().equals(Artifact.PROPERTIES), "database properties");
    }

    private static void only(Exchange exchange, Predicate<Artifact> wanted, String name) {
        Reading reading = Reading.of(exchange);
        Artifact artifact = reading.manifest().artifacts().stream()
                .filter(wanted)
                .findFirst()
                .orElseThrow(() -> Failure.precondition(
                        "backup " + reading.id() + " holds no " + name,
                        "Its route left that step out: choose another backup."));
        reading.withArtifact(artifact).on(exchange);
    }
}
