package io.bactrian.pipeline;

import io.bactrian.Failure;
import io.bactrian.postgres.BackupManifest;
import io.bactrian.postgres.BaseFiles;
import io.bactrian.postgres.BaseTar;
import io.bactrian.repository.Artifact;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.apache.camel.Exchange;

/**
 * The {@code checkBase} step of a test: does a base hold all files that PostgreSQL put into it, unchanged? Its
 * {@code backup_manifest} says so; it comes last, in the tar or, where there are several, as an artifact of its own.
 */
public final class CheckBase {
    private static final String PROPERTY = "baseFiles";
    private static final String TABLESPACES = "pg_tblspc/";

    /** Before the first artifact: what all of them hold is collected. */
    public void begin(Exchange exchange) {
        exchange.setProperty(PROPERTY, new BaseFiles());
    }

    /** The body is one of the tar archives; the body after it a finding. */
    public void archive(Exchange exchange) throws IOException {
        Reading reading = Reading.of(exchange);
        BaseFiles files = exchange.getProperty(PROPERTY, BaseFiles.class);
        Optional<BackupManifest.Outcome> outcome;
        try (InputStream tar = exchange.getMessage().getBody(InputStream.class)) {
            outcome = BaseTar.read(tar, below(reading.artifact()), files);
        } catch (IOException e) {
            throw Failures.foreseen(e).orElseGet(() -> damaged(reading, "is not a whole tar archive"));
        }
        if (outcome.isEmpty() && !hasListOfItsOwn(reading)) {
            throw damaged(reading, "holds no " + BackupManifest.FILE_NAME);
        }
        exchange.getMessage()
                .setBody(outcome.map(end -> finding(reading, end)).orElse("digest, decryption, decompression, tar"));
    }

    /** The body is the list of a base that consists of several archives; the body after it a finding. */
    public void list(Exchange exchange) throws IOException {
        Reading reading = Reading.of(exchange);
        BaseFiles files = exchange.getProperty(PROPERTY, BaseFiles.class);
        try (InputStream list = exchange.getMessage().getBody(InputStream.class)) {
            BackupManifest.Outcome outcome =
                    BackupManifest.compare(list, reading.artifact().plainBytes(), files);
            if (list.read() >= 0) {
                throw damaged(reading, "is longer than the manifest records");
            }
            exchange.getMessage().setBody(finding(reading, outcome));
        }
    }

    private static String finding(Reading reading, BackupManifest.Outcome outcome) {
        if (outcome.problem() != null) {
            throw damaged(reading, outcome.problem());
        }
        String checksums = outcome.compared() == outcome.files()
                ? " with their checksums"
                : ", " + outcome.compared() + " of them with a checksum";
        return "digest, decryption, decompression, " + outcome.files() + " files as in " + BackupManifest.FILE_NAME
                + checksums;
    }

    private static boolean hasListOfItsOwn(Reading reading) {
        return reading.manifest().artifacts().stream().anyMatch(a -> a.content().equals(Artifact.BASE_MANIFEST));
    }

    /** {@code 16385.tar.zst.pgp} holds what lies below {@code pg_tblspc/16385/}. */
    private static String below(Artifact archive) {
        return archive.content().equals(Artifact.BASE)
                ? ""
                : TABLESPACES + archive.name().substring(0, archive.name().indexOf('.')) + "/";
    }

    private static Failure damaged(Reading reading, String how) {
        return Failure.integrity(
                reading.artifact().name() + " of " + reading.id() + " " + how,
                "Take a new base with `bactrian full`; point-in-time recovery from an older one goes through the same WAL.");
    }
}
