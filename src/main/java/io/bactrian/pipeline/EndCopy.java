package io.bactrian.pipeline;

import io.bactrian.postgres.Lsn;
import io.bactrian.repository.Artifact;
import io.bactrian.repository.PhysicalBase;
import io.bactrian.repository.RunLock;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.OffsetDateTime;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** The {@code endCopy} step: notes where and when the copy had ended, and lets the slot move on. */
final class EndCopy implements Processor {
    @Override
    public void process(Exchange exchange) throws Exception {
        Backup base = Backup.of(exchange);
        PhysicalBase ended = ended(base);
        base.withWal(base.wal().withPhysical(ended)).on(exchange);
        exchange.getProperty(BeginBase.LOCK, RunLock.class).close();
    }

    private static PhysicalBase ended(Backup base) throws SQLException {
        PhysicalBase begun = base.wal().physical();
        long bytes = base.artifacts().stream()
                .filter(a -> a.content().equals(Artifact.BASE) || a.content().equals(Artifact.TABLESPACE))
                .mapToLong(Artifact::plainBytes)
                .sum();
        // the clock before the place would do as well: both are after the end of the copy
        try (Connection connection = base.server().connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT pg_catalog.pg_current_wal_insert_lsn()::text, pg_catalog.clock_timestamp()")) {
            row.next();
            return new PhysicalBase(
                    begun.chain(),
                    begun.timeline(),
                    begun.segmentBytes(),
                    begun.start(),
                    Lsn.of(row.getString(1)),
                    row.getObject(2, OffsetDateTime.class).toInstant(),
                    bytes);
        }
    }
}
