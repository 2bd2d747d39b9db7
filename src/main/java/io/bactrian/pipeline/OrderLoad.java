package io.bactrian.pipeline;

import io.bactrian.postgres.LoadOrder;
import io.bactrian.postgres.TableOfContents;
import java.io.BufferedInputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** The {@code order} step: what of the spooled archive is loaded first and what last, as lists for {@code pg_restore --use-list}. */
final class OrderLoad implements Processor {
    private static final String FIRST_NAME = "first.list";
    private static final String LAST_NAME = "last.list";

    @Override
    public void process(Exchange exchange) throws Exception {
        Restore restore = Restore.of(exchange);
        Path folder = restore.workspace();
        LoadOrder order;
        try (InputStream archive = new BufferedInputStream(Files.newInputStream(folder.resolve(Spool.NAME)))) {
            order = TableOfContents.read(archive)
                    .loadOrder(restore.selected(), restore.databases().connection());
        }
        Files.write(folder.resolve(FIRST_NAME), order.first());
        Files.write(folder.resolve(LAST_NAME), order.last());
        if (!restore.options().noOwner()) {
            restore.reporting(order.leftOut().stream()
                            .map(what -> "Left out, since only a superuser can restore it: " + what + ".")
                            .toList())
                    .on(exchange);
        }
    }
}
