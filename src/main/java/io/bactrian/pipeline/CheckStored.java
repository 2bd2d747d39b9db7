package io.bactrian.pipeline;

import io.bactrian.Failure;
import io.bactrian.config.Settings;
import io.bactrian.crypto.NativeCrypto;
import io.bactrian.repository.Artifact;
import io.bactrian.repository.Store;
import io.bactrian.stream.Digested;
import io.bactrian.stream.Streams;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.apache.camel.Exchange;

/** The {@code check} step: a stored file is what the manifest says, before anything of it is opened. */
public final class CheckStored {
    private static final String WRONG_DIGEST = "does not have the SHA-256 that the manifest records";

    private final Settings settings;

    CheckStored(Settings settings) {
        this.settings = settings;
    }

    /**
     * The body is a file in place, or a stream from elsewhere: that is put aside first, and becomes what was put aside, unless its
     * checksum is all that matters.
     */
    public void artifact(Exchange exchange) throws IOException {
        Reading reading = Reading.of(exchange);
        Artifact artifact = reading.artifact();
        Object body = exchange.getMessage().getBody();
        if (body instanceof File file) {
            check(file, artifact.bytes(), artifact.sha256());
        } else if (reading.level().equals(Reading.CHECKSUM)) {
            check(arriving(exchange), artifact.bytes(), artifact.sha256(), name(exchange));
            exchange.getMessage().setBody(null);
        } else {
            try (InputStream arriving = arriving(exchange)) {
                InputStream whole = PutAside.checked(
                        arriving, settings.temporaryDirectory(), artifact.bytes(), artifact.sha256(), name(exchange));
                exchange.getMessage().setBody(Resources.closeAfter(exchange, whole));
            }
        }
    }

    /** The body is the artifact's key file. */
    public void sessionKey(Exchange exchange) throws IOException {
        Reading reading = Reading.of(exchange);
        Artifact.SessionKey key = reading.artifact().sessionKey();
        try (Digested arriving = new Digested(arriving(exchange))) {
            byte[] content = arriving.readNBytes(Math.toIntExact(key.bytes() + 1));
            if (content.length != key.bytes()) {
                throw damaged(name(exchange), "is not " + key.bytes() + " bytes long");
            }
            if (!Digested.sha256Hex(content).equals(key.sha256())) {
                throw damaged(name(exchange), WRONG_DIGEST);
            }
            reading.withSessionKey(content).on(exchange);
        }
    }

    private static InputStream arriving(Exchange exchange) {
        InputStream body = exchange.getMessage().getBody(InputStream.class);
        if (body == null) {
            throw Failure.integrity(
                    name(exchange) + " is missing",
                    "This backup is not whole: restore another one, or bring the file back from a copy.");
        }
        return body;
    }

    private static String name(Exchange exchange) {
        Store store = exchange.getProperty(Store.PROPERTY, Store.LOCAL, Store.class);
        return exchange.getMessage().getHeader(Exchange.FILE_NAME) + " in " + store.name();
    }

    static void check(File file, long bytes, String sha256) throws IOException {
        if (file.length() != bytes) {
            throw damaged(file.toString(), "has " + file.length() + " bytes, not " + bytes);
        }
        check(new FileInputStream(file), bytes, sha256, file.toString());
    }

    private static void check(InputStream all, long bytes, String sha256, String name) throws IOException {
        try (Digested digested = new Digested(all, NativeCrypto.sha256())) {
            Streams.drain(digested);
            check(digested, bytes, sha256, name);
        }
    }

    /** @param digested read to its end */
    static void check(Digested digested, long bytes, String sha256, String name) {
        if (digested.bytes() != bytes) {
            throw damaged(name, "has " + digested.bytes() + " bytes, not " + bytes);
        }
        if (!digested.sha256Hex().equals(sha256)) {
            throw damaged(name, WRONG_DIGEST);
        }
    }

    private static Failure damaged(String name, String how) {
        return Failure.integrity(
                name + " " + how,
                "The file was damaged or exchanged after the backup: look at the disk it is on. `bactrian replicate --again ID`"
                        + " puts a copy from another store in its place; or restore another backup.");
    }
}
