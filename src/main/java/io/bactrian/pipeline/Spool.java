package io.bactrian.pipeline;

import java.io.InputStream;
import java.nio.file.Files;
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
    private static final int BUFFER_BYTES = 256 * 1024;

    @Override
    public void process(Exchange exchange) throws Exception {
        Path file = Restore.of(exchange).workspace().resolve(NAME);
        try (InputStream body = exchange.getMessage().getBody(InputStream.class);
                var channel = Files.newByteChannel(
                        file,
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int n; (n = body.read(buffer)) >= 0; ) {
                var bytes = java.nio.ByteBuffer.wrap(buffer, 0, n);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
            }
        }
        exchange.getMessage().setBody(null);
    }
}
