package io.bactrian.pipeline;

import io.bactrian.postgres.Guardian;
import io.bactrian.postgres.OriginalConfiguration;
import io.bactrian.repository.Artifact;
import io.bactrian.stream.Streams;
import java.io.InputStream;
import java.util.Optional;
import org.apache.camel.Exchange;

/** The {@code unpack} step: puts what was opened where the recovering server finds it. */
public final class Unpack {
    private static final String TAR = ".tar";

    private final Guardian guardian;

    Unpack(Guardian guardian) {
        this.guardian = guardian;
    }

    /** The body says what to read. */
    public void choose(Exchange exchange) {
        exchange.getMessage().getBody(Reading.class).on(exchange);
    }

    /** The body is a tar archive of pg_basebackup: of the cluster, or of a tablespace, named by its object id. */
    public void base(Exchange exchange) throws Exception {
        Artifact artifact = Reading.of(exchange).artifact();
        Optional<String> tablespace = artifact.content().equals(Artifact.TABLESPACE)
                ? Optional.of(artifact.name().substring(0, artifact.name().indexOf(TAR)))
                : Optional.empty();
        Process tar = guardian.start(Recovery.of(exchange).base().unpacking(tablespace));
        try (InputStream end = new ToolOutput("tar", tar, exchange.getMessage().getBody(InputStream.class))) {
            Streams.drain(end);
        }
        exchange.getMessage().setBody(null);
    }

    /** The body is a WAL segment, or the history of a timeline. */
    public void wal(Exchange exchange) throws Exception {
        String name = walName(Reading.of(exchange).artifact().name());
        try (InputStream content = exchange.getMessage().getBody(InputStream.class)) {
            Recovery.of(exchange).base().putWal(name, content);
        }
        exchange.getMessage().setBody(null);
    }

    /** The body is the configuration of the original. A split hands on what becomes of the body, and nothing else. */
    public void configuration(Exchange exchange) {
        Recovery.of(exchange)
                .withOriginal(exchange.getMessage().getBody(OriginalConfiguration.class))
                .on(exchange);
    }

    /** The name that the server knows it by: without what packing appended. */
    static String walName(String stored) {
        String history = ".history";
        int end = stored.contains(history) ? stored.indexOf(history) + history.length() : stored.indexOf('.');
        return end < 0 ? stored : stored.substring(0, end);
    }
}
