package io.bactrian.pipeline;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.postgres.TimelineHistory;
import io.bactrian.repository.Artifact;
import io.bactrian.repository.BackupId;
import io.bactrian.repository.Chain;
import io.bactrian.repository.Json;
import io.bactrian.repository.Layout;
import io.bactrian.repository.LocalStore;
import io.bactrian.repository.Manifest;
import java.io.BufferedInputStream;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The chains in the local store, for whoever adds to them. A restore believes authenticated manifests only; this reads on. */
final class StoredChains {
    private static final Logger LOG = LoggerFactory.getLogger(StoredChains.class);

    private final LocalStore store;
    private final Keys keys;
    private final ObjectMapper json = Json.mapper();

    StoredChains(LocalStore store, Keys keys) {
        this.store = store;
        this.keys = keys;
    }

    /** Oldest first. */
    List<Chain> all() throws IOException {
        List<Manifest> manifests = new ArrayList<>();
        for (String kind : List.of(Layout.BASE, Layout.INCREMENTAL)) {
            for (String path : store.list(kind)) {
                if (path.endsWith("/" + Manifest.FILE_NAME)) {
                    read(path).ifPresent(manifests::add);
                }
            }
        }
        return Chain.of(manifests);
    }

    /** Of a cluster, by its name; none of them is opened. */
    Optional<BackupId> newestIncremental(String systemId) throws IOException {
        Path folder = store.root().resolve(Layout.INCREMENTAL).resolve(systemId);
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(entry -> Files.exists(entry.resolve(Manifest.FILE_NAME)))
                    .flatMap(entry -> BackupId.parse(String.valueOf(entry.getFileName())).stream())
                    .max(Comparator.naturalOrder());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private Optional<Manifest> read(String path) {
        try {
            return Optional.of(json.readValue(store.get(path), Manifest.class));
        } catch (IOException | RuntimeException e) {
            LOG.atWarn().addKeyValue("path", path).log("This manifest cannot be read, and its chain has a gap there");
            return Optional.empty();
        }
    }

    /** The history of a timeline as the chain has it; the first timeline has none. */
    Optional<TimelineHistory> history(Chain chain, int timeline) throws IOException {
        for (Manifest incremental : chain.incrementals()) {
            for (Artifact artifact : incremental.artifacts()) {
                if (TimelineHistory.timelineOf(artifact.name())
                        .filter(named -> named == timeline)
                        .isPresent()) {
                    String text = text(Layout.folder(incremental, artifact), artifact);
                    return Optional.of(TimelineHistory.parse(timeline, text));
                }
            }
        }
        return Optional.empty();
    }

    private String text(String folder, Artifact artifact) throws IOException {
        File file = store.get(folder + "/" + artifact.name());
        CheckStored.check(file, artifact.bytes(), artifact.sha256());
        byte[] sessionKey = artifact.sessionKey() == null
                ? null
                : Files.readAllBytes(
                        store.get(folder + "/" + artifact.sessionKey().name()).toPath());
        try (InputStream sealed = new BufferedInputStream(new FileInputStream(file));
                InputStream opened = Decrypt.open(keys, artifact, sessionKey, sealed);
                InputStream plain = artifact.compressedWith().decompress(opened)) {
            return new String(plain.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
