package io.bactrian.pipeline;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import io.bactrian.repository.Artifact;
import io.bactrian.repository.Store;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The {@code sources} step: asks one store after the other, and says which one could not help. */
public final class AskSources {
    private static final Logger LOG = LoggerFactory.getLogger(AskSources.class);

    /** For a backup: every store that this run may read. */
    public void ofBackup(Exchange exchange) {
        Sources.of(Sources.allowed(exchange)).on(exchange);
    }

    /** For an artifact: the stores that may have its backup. */
    public void ofArtifact(Exchange exchange) {
        Sources.of(Reading.of(exchange).stores()).on(exchange);
    }

    public void current(Exchange exchange) {
        exchange.setProperty(Store.PROPERTY, Sources.of(exchange).current());
    }

    /** The exchange carries the exception. What is thrown out of a doCatch no error handler would see, so {@link #require} throws. */
    public void missed(Exchange exchange) {
        Sources.of(exchange).without(Failures.caught(exchange)).on(exchange);
    }

    /** After the last store was asked. */
    public void require(Exchange exchange) {
        Failure nobody = Sources.of(exchange).failure();
        if (nobody != null) {
            throw nobody;
        }
    }

    /** The backup is there, and its manifest authenticated. Its files may lie here, or in the stores that come after. */
    public void foundBackup(Exchange exchange) {
        Sources sources = Sources.of(exchange);
        Reading reading = Reading.of(exchange);
        sources.missed()
                .forEach(missed -> LOG.atWarn()
                        .addKeyValue("backupId", reading.id().text())
                        .log(
                                "{}: {}; {} is taken from {}",
                                missed.store().name(),
                                missed.why().getMessage(),
                                reading.id(),
                                sources.current().name()));
        reading.readFrom(sources.left()).on(exchange);
        sources.answered().on(exchange);
    }

    public void foundArtifact(Exchange exchange) {
        Sources sources = Sources.of(exchange);
        Reading reading = Reading.of(exchange);
        Artifact artifact = reading.artifact();
        sources.missed()
                .forEach(missed -> LOG.atWarn()
                        .addKeyValue("backupId", reading.id().text())
                        .log(
                                "{} of {} {} {} ({}); taken from {}",
                                artifact.name(),
                                reading.id(),
                                missed.why().exitCode() == ExitCode.INTEGRITY
                                        ? "is damaged or missing in"
                                        : "cannot be read from",
                                missed.store().name(),
                                missed.why().getMessage(),
                                sources.current().name()));
        sources.answered().on(exchange);
    }
}
