package io.bactrian.pipeline;

import io.bactrian.postgres.ArchiveStream;
import io.bactrian.postgres.ParallelCopy;
import io.bactrian.postgres.SessionStyle;
import java.sql.Connection;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** The {@code rows} step: the archive comes in, and its rows go straight into their tables. The body is how a session is set. */
final class LoadRows implements Processor {
    @Override
    public void process(Exchange exchange) throws Exception {
        Restore restore = Restore.of(exchange);
        SessionStyle style = SessionStyle.parse(exchange.getMessage().getBody(String.class));
        exchange.getMessage().setBody(null);
        try (ArchiveStream archive = restore.load().archive();
                ParallelCopy tables = ParallelCopy.through(restore.options().jobs(), () -> session(restore, style))) {
            archive.load(restore.load().order(), tables);
            tables.finish();
        }
    }

    private static Connection session(Restore restore, SessionStyle style) {
        return restore.server().connectToLoad(restore.database(), restore.sessionOptions(), style);
    }
}
