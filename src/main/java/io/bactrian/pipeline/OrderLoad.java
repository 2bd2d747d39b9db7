package io.bactrian.pipeline;

import io.bactrian.postgres.LoadOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** The {@code order} step: what of the archive is loaded when, with lists for {@code pg_restore --use-list}. */
final class OrderLoad implements Processor {
    private static final String DEFINITIONS_NAME = "definitions.list";
    private static final String REST_NAME = "rest.list";
    private static final String LAST_NAME = "last.list";

    @Override
    public void process(Exchange exchange) throws Exception {
        Restore restore = Restore.of(exchange);
        ArchiveLoad load = restore.load();
        LoadOrder order = load.archive()
                .contents()
                .loadOrder(restore.selected(), restore.databases().connection());
        Path folder = restore.workspace();
        Files.write(folder.resolve(DEFINITIONS_NAME), order.definitions());
        Files.write(folder.resolve(REST_NAME), order.rest());
        Files.write(folder.resolve(LAST_NAME), order.last());
        Restore ordered = restore.loading(load.inOrder(order));
        if (!restore.options().noOwner()) {
            ordered = ordered.reporting(order.leftOut().stream()
                    .map(what -> "Left out, since only a superuser can restore it: " + what + ".")
                    .toList());
        }
        ordered.on(exchange);
    }
}
