package io.bactrian.pipeline;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import io.bactrian.repository.BackupId;
import io.bactrian.repository.Layout;
import io.bactrian.repository.LocalStore;
import io.bactrian.repository.Manifest;
import io.bactrian.repository.OutlineCache;
import io.bactrian.repository.Store;
import java.io.File;
import java.io.IOException;
import org.apache.camel.Exchange;

/**
 * The {@code judge} step: reads one manifest for cleanup. A dry run believes what was authenticated before; a cleanup that deletes
 * authenticates every manifest anew.
 */
public final class JudgeManifest {
    private final Authenticate authenticate;
    private final LocalStore local;
    private final OutlineCache cache;

    JudgeManifest(Authenticate authenticate, LocalStore local) {
        this.authenticate = authenticate;
        this.local = local;
        this.cache = new OutlineCache(local.root());
    }

    /** Believes all manifests that were authenticated before, if they still are the same files, and nothing is to be deleted. */
    public void recall(Exchange exchange) {
        Cleaning cleaning = Cleaning.of(exchange);
        if (!cleaning.isDryRun() || !cleaning.store().equals(Store.LOCAL)) {
            return;
        }
        for (String path : cleaning.manifestPaths()) {
            if (cleaning.vouched(folder(path))) {
                cache.find(local.root().resolve(path).toFile())
                        .filter(OutlineCache.Known::authentic)
                        .ifPresent(known -> cleaning.recall(path, known.manifest()));
            }
        }
    }

    private static String folder(String path) {
        return path.substring(0, path.lastIndexOf('/'));
    }

    /** The body is the path of the manifest, and goes into the header. */
    public void next(Exchange exchange) {
        String path = exchange.getMessage().getBody(String.class);
        Cleaning cleaning = Cleaning.of(exchange);
        cleaning.begin();
        BackupId id = Layout.backupOf(path).orElseThrow();
        String folder = folder(path);
        boolean signed = cleaning.has(folder + "/" + Manifest.SIGNATURE_NAME);
        if (!cleaning.vouched(folder)) {
            cleaning.doubt(folder, "nothing vouches for its manifest");
        }
        Reading.of(id.text(), Reading.READ)
                .chosen(id, folder, signed ? Manifest.SIGNATURE_NAME : Manifest.DIGEST_NAME)
                .on(exchange);
        exchange.getMessage().setHeader(Exchange.FILE_NAME, path);
    }

    /** The body is the manifest as stored. */
    public void fetched(Exchange exchange) throws IOException {
        exchange.setProperty("manifestFile", file(exchange));
        judged(exchange, () -> authenticate.manifest(exchange));
    }

    private static File file(Exchange exchange) {
        return exchange.getMessage().getBody() instanceof File file ? file : null;
    }

    /** The body is what vouches for it. */
    public void judge(Exchange exchange) throws IOException {
        judged(exchange, () -> {
            authenticate.voucher(exchange);
            Manifest manifest = Reading.of(exchange).manifest();
            File file = exchange.getProperty("manifestFile", File.class);
            Cleaning.of(exchange)
                    .believe(file == null ? OutlineCache.outline(manifest) : cache.add(file, manifest, true));
        });
    }

    @FunctionalInterface
    private interface Judgement {
        void pass() throws IOException;
    }

    private static void judged(Exchange exchange, Judgement judgement) throws IOException {
        try {
            judgement.pass();
        } catch (Failure e) {
            if (e.exitCode() != ExitCode.INTEGRITY) {
                throw e;
            }
            Cleaning.of(exchange).doubt(Reading.of(exchange).folder(), e.getMessage());
        }
    }

    /** After the last one. */
    public void end() {
        cache.save();
    }
}
