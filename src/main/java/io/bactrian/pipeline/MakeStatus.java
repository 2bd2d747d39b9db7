package io.bactrian.pipeline;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.config.Settings;
import io.bactrian.repository.BackupId;
import io.bactrian.repository.Health;
import io.bactrian.repository.History;
import io.bactrian.repository.Json;
import io.bactrian.repository.Layout;
import io.bactrian.repository.LocalStore;
import io.bactrian.repository.Manifest;
import io.bactrian.repository.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** The {@code status} step: the body is the listing of the store, and becomes the {@link Status}. */
final class MakeStatus implements Processor {
    private final Settings settings;
    private final LocalStore store;
    private final History history;
    private final Clock clock;
    private final ObjectMapper json = Json.mapper();

    MakeStatus(Settings settings, LocalStore store, History history, Clock clock) {
        this.settings = settings;
        this.store = store;
        this.history = history;
        this.clock = clock;
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        List<Manifest> backups = new ArrayList<>();
        List<BackupId> unreadable = new ArrayList<>();
        for (Object path : exchange.getMessage().getBody(List.class)) {
            String[] segments = path.toString().split("/");
            if (segments.length == 3 && segments[2].equals(Manifest.FILE_NAME)) {
                BackupId.parse(segments[1]).filter(BackupId::isFull).ifPresent(id -> read(id, backups, unreadable));
            }
        }
        exchange.getMessage()
                .setBody(Health.assess(backups, unreadable, history.read(), settings.maxAge(), clock.instant()));
    }

    private void read(BackupId id, List<Manifest> backups, List<BackupId> unreadable) {
        try {
            backups.add(json.readValue(
                    Files.readAllBytes(store.get(Layout.full(id) + "/" + Manifest.FILE_NAME)
                            .toPath()),
                    Manifest.class));
        } catch (IOException | RuntimeException e) {
            unreadable.add(id);
        }
    }
}
