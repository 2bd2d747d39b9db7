package io.bactrian.pipeline;

import io.bactrian.Failure;
import io.bactrian.config.Settings;
import io.bactrian.repository.DurableFile;
import io.bactrian.repository.Holding;
import io.bactrian.repository.Layout;
import io.bactrian.repository.LocalStore;
import io.bactrian.repository.Store;
import io.bactrian.repository.Survey;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;
import org.apache.commons.io.input.BoundedInputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The {@code adopt} step: a machine without a repository takes over the one that another store has, keys and all. Otherwise it would
 * make keys of its own, and there would be two repositories in one store.
 */
public final class Adopt {
    private static final Logger LOG = LoggerFactory.getLogger(Adopt.class);
    private static final Pattern KEY =
            Pattern.compile(Layout.KEYS + "/[0-9a-f]{40,64}\\.(public|secret|secret-gpg)\\.asc");
    private static final String FAILURE = "adopt.failure";
    private static final long LARGEST = 1024 * 1024;

    private final Settings settings;
    private final LocalStore local;

    Adopt(Settings settings, LocalStore local) {
        this.settings = settings;
        this.local = local;
    }

    /** The body becomes the stores that may have a repository; none where this machine has its own. */
    public void stores(Exchange exchange) {
        List<Store> stores = new ArrayList<>();
        if (Files.notExists(local.root().resolve(Layout.REPOSITORY))) {
            stores.addAll(reads(exchange) ? Sources.allowed(exchange) : settings.furtherStores());
            stores.remove(Store.LOCAL);
        }
        exchange.getMessage().setBody(stores);
    }

    private static boolean reads(Exchange exchange) {
        return exchange.getProperty(Sources.STORES) != null;
    }

    /** The body becomes the files to take over, the one that makes it a repository last. */
    public void choose(Exchange exchange) {
        Survey survey = exchange.getProperty(Survey.PROPERTY, Survey.class);
        Optional<Holding> found =
                survey.holdings().stream().filter(h -> h.created() != null).findFirst();
        if (found.isEmpty() && !reads(exchange)) {
            survey.holdings().stream().filter(h -> !h.answered()).findFirst().ifPresent(Adopt::refuse);
        }
        List<String> files = new ArrayList<>();
        found.ifPresent(holding -> {
            exchange.setProperty(Store.PROPERTY, holding.store());
            holding.paths().stream().filter(KEY.asMatchPredicate()).forEach(files::add);
            files.add(Layout.REPOSITORY);
            LOG.atInfo()
                    .addKeyValue("store", holding.store().name())
                    .log(
                            "This machine has no repository yet: it takes over the one in {}",
                            holding.store().name());
        });
        exchange.getMessage().setBody(files);
    }

    /** A first backup would make new keys, and might be alone with them. */
    private static void refuse(Holding holding) {
        throw Failure.precondition(
                "this machine has no repository yet, and whether the store "
                        + holding.store().name() + " has one cannot be told: "
                        + holding.unreachable().getMessage(),
                "Make the store reachable; or take it out of the configuration, if this is to be a new repository.");
    }

    /** The exchange carries the exception. What is thrown out of a doCatch no error handler would see, so {@link #require} throws. */
    public void gaveUp(Exchange exchange) {
        exchange.setProperty(FAILURE, Failures.caught(exchange));
    }

    /** After everything was taken over, or not. */
    public void require(Exchange exchange) {
        Failure failure = exchange.getProperty(FAILURE, Failure.class);
        if (failure != null) {
            throw failure;
        }
    }

    /** The body is a path, and becomes what the store is asked for. */
    public void one(Exchange exchange) {
        exchange.getMessage()
                .setHeader(Exchange.FILE_NAME, exchange.getMessage().getBody(String.class));
    }

    /** The body is what the store gave. */
    public void keep(Exchange exchange) throws IOException {
        String path = exchange.getMessage().getHeader(Exchange.FILE_NAME, String.class);
        try (InputStream body = exchange.getMessage().getBody(InputStream.class)) {
            if (body == null) {
                throw Failure.integrity(path + " is missing in the store", "Bring it back from another copy.");
            }
            DurableFile.write(
                    BoundedInputStream.builder()
                            .setInputStream(body)
                            .setMaxCount(LARGEST)
                            .get(),
                    Layout.resolve(local.root(), path));
        }
    }
}
