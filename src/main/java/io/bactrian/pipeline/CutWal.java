package io.bactrian.pipeline;

import io.bactrian.postgres.WalCut;
import io.bactrian.postgres.WalSegment;
import java.sql.Connection;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** The {@code cut} step: from here on it is settled which segments the incremental adds. */
final class CutWal implements Processor {
    @Override
    public void process(Exchange exchange) throws Exception {
        Backup backup = Backup.of(exchange);
        WalWork wal = backup.wal();
        try (Connection connection = backup.server().connect()) {
            WalCut cut = WalCut.make(connection);
            WalSegment last = WalSegment.containing(
                    cut.switched().plus(-1), wal.reception().last().timeline(), wal.segmentBytes());
            backup.withWal(wal.withReception(wal.reception().withCut(cut, last.end())))
                    .on(exchange);
        }
    }
}
