package io.bactrian.pipeline;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import io.bactrian.repository.Artifact;
import io.bactrian.repository.BackupId;
import io.bactrian.repository.Exclusive;
import io.bactrian.repository.Holding;
import io.bactrian.repository.Inventory;
import io.bactrian.repository.Layout;
import io.bactrian.repository.LocalStore;
import io.bactrian.repository.Manifest;
import io.bactrian.repository.RunningBackups;
import io.bactrian.repository.Store;
import io.bactrian.repository.Survey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The {@code mend} step: brings back what the local store has lost and another has. A whole backup only where it is asked for,
 * since retention may have removed it here.
 */
public final class Mend {
    private static final Logger LOG = LoggerFactory.getLogger(Mend.class);
    /** The exchange property with the name of a store whose backups shall all be brought here. */
    public static final String WHOLE_FROM = "wholeFrom";

    /** The exchange property with the id of a backup no copy of which is trusted because of its size and name. */
    public static final String AGAIN = "again";

    private static final String FAILED = "unmended";

    private final LocalStore local;
    private final StoreCache cache;

    Mend(LocalStore local, StoreCache cache) {
        this.local = local;
        this.cache = cache;
    }

    /** The body becomes the ids of backups that are not whole here, in the order in which they came to exist. */
    public void plan(Exchange exchange) throws IOException {
        Survey survey = exchange.getProperty(Survey.PROPERTY, Survey.class);
        Set<String> here =
                survey.of(Store.LOCAL).<Set<String>>map(Holding::paths).orElse(Set.of());
        BackupId again = exchange.getProperty(AGAIN, BackupId.class);
        Store wholeFrom = exchange.getProperty(WHOLE_FROM, Store.class);
        Set<BackupId> wanting = Inventory.read(cache.manifests(survey)).manifests().stream()
                .filter(manifest -> here.contains(Layout.folder(manifest) + "/" + Manifest.FILE_NAME)
                        ? !isWhole(manifest)
                        : survey.of(wholeFrom).filter(h -> h.hasWhole(manifest)).isPresent())
                .sorted(Comparator.comparing(Manifest::finished))
                .map(Manifest::id)
                .collect(Collectors.toCollection(LinkedHashSet::new));
        if (again != null) {
            wanting.add(again); // even if its manifest here cannot be read
        }
        Set<String> manifests = survey.manifests().keySet().stream()
                .filter(path -> wanting.contains(Layout.backupOf(path).orElseThrow()))
                .collect(Collectors.toSet());
        if (again != null && manifests.stream().noneMatch(path -> path.contains("/" + again + "/"))) {
            throw Failure.precondition("no store has a backup " + again, "`bactrian status` lists them.");
        }
        hold(exchange, wanting);
        holdChains(exchange, manifests);
        exchange.getMessage().setBody(List.copyOf(wanting));
    }

    /** Or a run that begins would clear away what has no manifest yet, and WAL that is not whole yet. */
    private void hold(Exchange exchange, Set<BackupId> ids) throws IOException {
        for (BackupId id : ids) {
            RunningBackups.Running held = local.running()
                    .hold(id)
                    .orElseThrow(() -> new Failure(
                            ExitCode.BUSY,
                            "another run is at work on " + id,
                            "Wait until it ends; `bactrian status` shows its outcome."));
            Resources.closeAfter(exchange, held);
        }
    }

    private void holdChains(Exchange exchange, Set<String> manifests) throws IOException {
        Set<String> clusters = manifests.stream()
                .filter(path -> path.startsWith(Layout.INCREMENTAL + "/"))
                .map(path -> path.split("/")[1])
                .collect(Collectors.toSet());
        for (String systemId : clusters) {
            Resources.closeAfter(exchange, Exclusive.incremental(local.root(), systemId, Duration.ZERO));
        }
    }

    /** All files together have their size; of single segments of log an outline tells the average. */
    private boolean isWhole(Manifest outline) {
        long stored = outline.artifacts().stream()
                .map(artifact -> Layout.folder(outline, artifact) + "/" + artifact.name())
                .map(path -> Layout.resolve(local.root(), path))
                .mapToLong(file -> size(file) + size(file.resolveSibling(file.getFileName() + ".key")))
                .sum();
        return stored == outline.storedBytes();
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            return 0;
        }
    }

    /** The body is an id. */
    public void one(Exchange exchange) {
        Reading.of(exchange.getMessage().getBody(BackupId.class).text(), Reading.READ)
                .on(exchange);
    }

    /**
     * The manifest is authenticated; the body becomes the artifacts that are not here, or not as long as they should be; or, of a
     * backup that is not trusted, are damaged.
     */
    public void lacking(Exchange exchange) {
        Reading reading = Reading.of(exchange);
        boolean trusted = !reading.id().equals(exchange.getProperty(AGAIN, BackupId.class));
        exchange.getMessage()
                .setBody(reading.artifacts().stream()
                        .map(reading::withArtifact)
                        .filter(of -> !isHere(of) || !trusted && !isSound(of))
                        .map(Reading::artifact)
                        .toList());
    }

    private boolean isHere(Reading reading) {
        Artifact.SessionKey key = reading.artifact().sessionKey();
        return size(Layout.resolve(local.root(), reading.artifactPath()))
                        == reading.artifact().bytes()
                && (key == null || size(Layout.resolve(local.root(), reading.sessionKeyPath())) == key.bytes());
    }

    private boolean isSound(Reading reading) {
        Artifact artifact = reading.artifact();
        Artifact.SessionKey key = artifact.sessionKey();
        return isSound(reading.artifactPath(), artifact.bytes(), artifact.sha256())
                && (key == null || isSound(reading.sessionKeyPath(), key.bytes(), key.sha256()));
    }

    private boolean isSound(String path, long bytes, String sha256) {
        try {
            CheckStored.check(Layout.resolve(local.root(), path).toFile(), bytes, sha256);
            return true;
        } catch (IOException | Failure e) {
            LOG.warn("{}", e.getMessage());
            return false;
        }
    }

    /** The body is one of them. */
    public void artifact(Exchange exchange) {
        Reading reading = Reading.of(exchange);
        List<Store> elsewhere = reading.stores().stream()
                .filter(store -> !store.equals(Store.LOCAL))
                .toList();
        if (elsewhere.isEmpty()) {
            throw Failure.integrity(
                    reading.id() + " is not whole here, and no other store has it",
                    "Restore another backup; `bactrian test --all` tells which are whole.");
        }
        reading.withArtifact(exchange.getMessage().getBody(Artifact.class))
                .readFrom(elsewhere)
                .on(exchange);
    }

    public void mended(Exchange exchange) {
        LOG.atInfo()
                .addKeyValue("backupId", Reading.of(exchange).id().text())
                .log("{} is whole here again", Reading.of(exchange).id());
    }

    /** The exchange carries the exception: others can be mended all the same. */
    public void failed(Exchange exchange) {
        Failure why = Failures.of(exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class));
        Reading reading = Reading.of(exchange);
        LOG.atWarn()
                .addKeyValue("hint", why.hint())
                .log("{} could not be brought back: {}", reading.wanted(), why.getMessage());
        exchange.getMessage().setBody(reading.wanted() + " could not be brought back: " + why.getMessage());
    }

    /** The body is the ids, or of those that failed a sentence: they stay at risk. */
    public void outcomes(Exchange exchange) {
        List<?> outcomes = exchange.getMessage().getBody(List.class);
        exchange.setProperty(
                FAILED,
                outcomes.stream()
                        .filter(String.class::isInstance)
                        .map(Object::toString)
                        .toList());
    }

    /** What could not be brought back in this run, each a sentence. */
    static List<String> unmended(Exchange exchange) {
        List<?> failed = exchange.getProperty(FAILED, List.of(), List.class);
        return failed.stream().map(Object::toString).toList();
    }
}
