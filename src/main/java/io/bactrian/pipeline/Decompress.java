package io.bactrian.pipeline;

import io.bactrian.stream.Compression;
import io.bactrian.stream.Peeked;
import io.bactrian.stream.Stage;
import java.io.InputStream;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** Wraps the body: decompressed by what its first bytes say, so that dumps of the system before open as well;
 * in a thread of its own. */
final class Decompress implements Processor {
    private static final int MAGIC_BYTES = 4;

    @Override
    public void process(Exchange exchange) throws Exception {
        Peeked body = Peeked.at(exchange.getMessage().getBody(InputStream.class), MAGIC_BYTES);
        InputStream plain = Compression.of(body).decompress(body.whole());
        exchange.getMessage().setBody(Stage.of("decompress", plain, next -> next));
    }
}
