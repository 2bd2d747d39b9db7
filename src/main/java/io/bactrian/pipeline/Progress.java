package io.bactrian.pipeline;

import io.bactrian.stream.ProgressLine;
import java.io.InputStream;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** Wraps the body: on a terminal, a line shows the bytes that have passed and their rate. Elsewhere it does nothing. */
final class Progress implements Processor {
    private final boolean terminal;

    Progress(boolean terminal) {
        this.terminal = terminal;
    }

    @Override
    public void process(Exchange exchange) {
        if (!terminal) {
            return;
        }
        Reading reading = Reading.of(exchange);
        boolean opening = reading != null && reading.artifact() != null;
        String name = opening ? "reading " + reading.artifact().name() : packing(exchange);
        long total = opening ? reading.artifact().plainBytes() : 0;
        InputStream body = exchange.getMessage().getBody(InputStream.class);
        exchange.getMessage().setBody(new ProgressLine(body, name, total, System.err, System::nanoTime));
    }

    private static String packing(Exchange exchange) {
        Backup backup = Backup.of(exchange);
        return backup == null ? "reading" : "dumping " + backup.draft().name();
    }
}
