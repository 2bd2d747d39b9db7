package io.bactrian.pipeline;

import io.bactrian.config.DumpFormat;
import io.bactrian.repository.DurableFile;
import io.bactrian.repository.Layout;
import io.bactrian.repository.LocalStore;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** The {@code link} step: a plain dump is also found where the system before laid it, {@code full/<id>.sql.gz}. */
final class LegacyLink implements Processor {
    private final LocalStore store;

    LegacyLink(LocalStore store) {
        this.store = store;
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        Backup backup = Backup.of(exchange);
        if (backup.format() != DumpFormat.PLAIN) {
            return;
        }
        String dump = backup.artifacts().stream()
                .filter(a -> a.isDump())
                .findFirst()
                .orElseThrow()
                .name();
        Path folder = store.root().resolve(Layout.FULL);
        String suffix = dump.substring(dump.indexOf('.'));
        Files.createSymbolicLink(
                folder.resolve(backup.id() + suffix), Path.of(backup.id().text(), dump));
        DurableFile.sync(folder);
    }
}
