package io.bactrian.pipeline;

import io.bactrian.postgres.ArchiveStream;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** The {@code spool} step: the archive's data go behind its head, into the private folder of the run, where pg_restore can seek. */
final class Spool implements Processor {
    @Override
    public void process(Exchange exchange) throws Exception {
        try (ArchiveStream archive = Restore.of(exchange).load().archive()) {
            archive.spool();
        }
    }
}
