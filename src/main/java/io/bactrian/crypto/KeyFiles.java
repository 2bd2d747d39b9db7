package io.bactrian.crypto;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The folder {@code keys/} of a repository: {@code <fingerprint>.public.asc}, {@code .secret.asc} and, for GnuPG,
 * {@code .secret-gpg.asc}. The folder is 0700, files are 0600 and appear whole or not at all.
 */
record KeyFiles(Path directory) {
    private static final String PUBLIC = ".public.asc";
    private static final String SECRET = ".secret.asc";
    private static final String GPG_SECRET = ".secret-gpg.asc";
    private static final String UNFINISHED = ".tmp";

    static String publicName(String fingerprint) {
        return fingerprint + PUBLIC;
    }

    static String secretName(String fingerprint) {
        return fingerprint + SECRET;
    }

    static String gpgSecretName(String fingerprint) {
        return fingerprint + GPG_SECRET;
    }

    /** The fingerprints of all certificates kept here, none if there is no such folder. */
    List<String> fingerprints() {
        return names().stream()
                .filter(name -> name.endsWith(PUBLIC))
                .map(name -> name.substring(0, name.length() - PUBLIC.length()))
                .toList();
    }

    /** Deletes what a run left that was killed while it made a key: the certificate comes last, and without it there is no key. */
    void clearUnfinished() {
        for (String name : names()) {
            boolean secret = name.endsWith(SECRET) || name.endsWith(GPG_SECRET);
            String fingerprint = name.substring(0, Math.max(0, name.indexOf('.')));
            if (name.endsWith(UNFINISHED) || (secret && !has(publicName(fingerprint)))) {
                try {
                    Files.delete(directory.resolve(name));
                } catch (IOException e) {
                    throw failure("delete", directory.resolve(name), e);
                }
            }
        }
    }

    private List<String> names() {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> directory.relativize(file).toString()).toList();
        } catch (IOException e) {
            throw failure("list", directory, e);
        }
    }

    Optional<byte[]> read(String name) {
        Path file = directory.resolve(name);
        try {
            return Files.exists(file) ? Optional.of(Files.readAllBytes(file)) : Optional.empty();
        } catch (IOException e) {
            throw failure("read", file, e);
        }
    }

    boolean has(String name) {
        return Files.exists(directory.resolve(name));
    }

    /** Writes a file durably unless it is there: a key file's content never changes under its name. */
    void add(String name, byte[] content) {
        if (has(name)) {
            return;
        }
        Path file = directory.resolve(name);
        Path unfinished = directory.resolve(name + UNFINISHED);
        try {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            Files.deleteIfExists(unfinished);
            try (FileChannel channel = FileChannel.open(
                    unfinished,
                    Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
                ByteBuffer rest = ByteBuffer.wrap(content);
                while (rest.hasRemaining()) {
                    channel.write(rest);
                }
                channel.force(true);
            }
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
            try (FileChannel folder = FileChannel.open(directory, StandardOpenOption.READ)) {
                folder.force(true);
            }
        } catch (IOException e) {
            throw failure("write", file, e);
        }
    }

    private static Failure failure(String verb, Path path, IOException cause) {
        return new Failure(
                ExitCode.FAILED,
                "cannot " + verb + " " + path + ": " + cause,
                "check that the folder exists, is writable and has free space",
                cause);
    }
}
