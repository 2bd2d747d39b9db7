package io.bactrian.pipeline;

import io.bactrian.crypto.Encryption;
import io.bactrian.crypto.Seal;
import io.bactrian.stream.Compression;
import io.bactrian.stream.Digested;
import io.bactrian.stream.Metered;

/**
 * An artifact on its way through the packing steps; each step that did something says so here.
 *
 * @param folder where it will lie in every store
 * @param name file name, with a suffix for every step so far
 * @param content one of the constants of {@link io.bactrian.repository.Artifact}
 * @param plain counts the bytes before packing
 * @param seal null while not encrypted
 * @param digested null while not digested
 */
public record Draft(
        String folder,
        String name,
        String content,
        Metered plain,
        Compression compression,
        Encryption encryption,
        Seal seal,
        Digested digested) {

    static Draft of(String folder, String name, String content, Metered plain) {
        return new Draft(folder, name, content, plain, Compression.NONE, Encryption.NONE, null, null);
    }

    Draft compressed(Compression by) {
        return new Draft(folder, name + by.suffix(), content, plain, by, encryption, seal, digested);
    }

    Draft sealed(Encryption by, Seal with) {
        return new Draft(folder, name + by.suffix(), content, plain, compression, by, with, digested);
    }

    Draft digested(Digested by) {
        return new Draft(folder, name, content, plain, compression, encryption, seal, by);
    }

    /** For routes: whether session-key packets are to be stored beside the artifact. Known once it is written. */
    public boolean hasSessionKey() {
        return seal != null && seal.sessionKeys().length > 0;
    }

    /** For routes: the packets themselves. */
    public byte[] sessionKey() {
        return seal.sessionKeys();
    }

    String path() {
        return folder + "/" + name;
    }

    String sessionKeyPath() {
        return folder + "/" + sessionKeyName();
    }

    public String sessionKeyName() {
        return name + ".key";
    }
}
