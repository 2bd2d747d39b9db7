package io.bactrian.pipeline;

import io.bactrian.stream.ProgressLine;
import java.io.InputStream;
import java.util.function.Consumer;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** Wraps the body: on a terminal, or for whoever asks the scheduler, a line shows the bytes that have passed and their rate. */
final class Progress implements Processor {
    private static final String CLEAR = "\r\033[K"; // ECMA-48 §8.3.41, erase in line

    private final boolean terminal;
    private final Unattended unattended;

    /** @param unattended null for a command */
    Progress(boolean terminal, Unattended unattended) {
        this.terminal = terminal;
        this.unattended = unattended;
    }

    @Override
    public void process(Exchange exchange) {
        String schedule = exchange.getProperty(TakeTurn.SCHEDULE, String.class);
        if (unattended != null && schedule != null) {
            wrap(exchange, line -> unattended.agenda().show(schedule, line));
        } else if (terminal) {
            wrap(exchange, Progress::onTerminal);
        }
    }

    private static void onTerminal(String line) {
        System.err.print(CLEAR + line);
        System.err.flush();
    }

    private static void wrap(Exchange exchange, Consumer<String> display) {
        Reading reading = Reading.of(exchange);
        boolean opening = reading != null && reading.artifact() != null;
        String name = opening ? "reading " + reading.artifact().name() : packing(exchange);
        long total = opening ? reading.artifact().plainBytes() : 0;
        InputStream body = exchange.getMessage().getBody(InputStream.class);
        exchange.getMessage().setBody(new ProgressLine(body, name, total, display, System::nanoTime));
    }

    private static String packing(Exchange exchange) {
        Backup backup = Backup.of(exchange);
        return backup == null ? "reading" : "dumping " + backup.draft().name();
    }
}
