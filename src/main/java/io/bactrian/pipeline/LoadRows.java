package io.bactrian.pipeline;

import io.bactrian.postgres.ArchiveStream;
import io.bactrian.postgres.ParallelCopy;
import java.sql.Connection;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** The {@code rows} step: the archive comes in, and its rows go straight into their tables. The body is a session's time zone. */
final class LoadRows implements Processor {
    @Override
    public void process(Exchange exchange) throws Exception {
        Restore restore = Restore.of(exchange);
        String timeZone = exchange.getMessage().getBody(String.class).strip();
        exchange.getMessage().setBody(null);
        try (ArchiveStream archive = restore.load().archive();
                ParallelCopy tables =
                        ParallelCopy.through(restore.options().jobs(), () -> session(restore, timeZone))) {
            archive.load(restore.load().order(), tables);
            tables.finish();
        }
    }

    private static Connection session(Restore restore, String timeZone) {
        return restore.server().connectToLoad(restore.database(), restore.sessionOptions(), timeZone);
    }
}
