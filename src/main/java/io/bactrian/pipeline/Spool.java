package io.bactrian.pipeline;

import io.bactrian.postgres.ArchiveSpool;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Writes the body to a file of the run's private folder: {@code pg_restore --jobs} must be able to seek. It is not synced, since
 * it goes with the run.
 */
final class Spool implements Processor {
    static final String NAME = "database.dump";

    @Override
    public void process(Exchange exchange) throws Exception {
        Path file = Restore.of(exchange).workspace().resolve(NAME);
        try (InputStream body = exchange.getMessage().getBody(InputStream.class);
                FileChannel channel = FileChannel.open(
                        file,
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE),
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            ArchiveSpool.write(body, channel);
        }
        exchange.getMessage().setBody(null);
    }
}
