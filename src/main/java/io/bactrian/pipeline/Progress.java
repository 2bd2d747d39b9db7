package io.bactrian.pipeline;

import io.bactrian.stream.Metered;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** Wraps the body: on a terminal, a line shows the bytes that have passed and their rate. Elsewhere it does nothing. */
final class Progress implements Processor {
    private static final long MEGABYTE = 1024 * 1024;

    private final boolean terminal;

    Progress(boolean terminal) {
        this.terminal = terminal;
    }

    @Override
    public void process(Exchange exchange) {
        if (!terminal) {
            return;
        }
        ProgressBar bar = new ProgressBarBuilder()
                .setTaskName(exchange.getFromRouteId())
                .setStyle(ProgressBarStyle.ASCII)
                .setUnit(" MB", MEGABYTE)
                .setInitialMax(-1)
                .showSpeed()
                .setConsumer(new ConsoleProgressBarConsumer(System.err))
                .clearDisplayOnFinish()
                .build();
        Resources.closeAfter(exchange, bar);
        InputStream body = exchange.getMessage().getBody(InputStream.class);
        exchange.getMessage().setBody(new Closing(new Metered(body, bar::stepTo), bar));
    }

    /** The line goes as soon as its stream is done. */
    private static final class Closing extends FilterInputStream {
        private final ProgressBar bar;

        Closing(InputStream source, ProgressBar bar) {
            super(source);
            this.bar = bar;
        }

        @Override
        public void close() throws IOException {
            bar.close();
            super.close();
        }
    }
}
