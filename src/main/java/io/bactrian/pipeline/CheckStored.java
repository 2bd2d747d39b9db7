package io.bactrian.pipeline;

import io.bactrian.Failure;
import io.bactrian.crypto.NativeCrypto;
import io.bactrian.repository.Artifact;
import io.bactrian.stream.Digested;
import io.bactrian.stream.Streams;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import org.apache.camel.Exchange;

/** The {@code check} step: a stored file is what the manifest says, before anything of it is opened. */
public final class CheckStored {
    public void artifact(Exchange exchange) throws IOException {
        Artifact artifact = Reading.of(exchange).artifact();
        check(exchange.getMessage().getBody(File.class), artifact.bytes(), artifact.sha256());
    }

    public void sessionKey(Exchange exchange) throws IOException {
        Artifact.SessionKey key = Reading.of(exchange).artifact().sessionKey();
        check(exchange.getMessage().getBody(File.class), key.bytes(), key.sha256());
    }

    static void check(File file, long bytes, String sha256) throws IOException {
        if (file.length() != bytes) {
            throw damaged(file, "has " + file.length() + " bytes, not " + bytes);
        }
        try (Digested digested = new Digested(new FileInputStream(file), NativeCrypto.sha256())) {
            Streams.drain(digested);
            if (!digested.sha256Hex().equals(sha256)) {
                throw damaged(file, "does not have the SHA-256 that the manifest records");
            }
        }
    }

    private static Failure damaged(File file, String how) {
        return Failure.integrity(
                file + " " + how,
                "The file was damaged or exchanged after the backup: restore another one, and look at the disk it is on.");
    }
}
