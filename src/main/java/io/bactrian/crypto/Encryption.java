package io.bactrian.crypto;

import io.bactrian.Failure;
import java.util.Arrays;
import java.util.stream.Collectors;

/** The formats an artifact can be stored in; labels and suffixes are part of the repository format. */
public enum Encryption {
    NONE("none", ""),
    /** RFC 9580: SEIPD version 2, AES-256-GCM; opens with Sequoia's {@code sq} and other RFC 9580 programs. */
    OPENPGP("openpgp", ".pgp"),
    /** RFC 4880: SEIPD version 1, AES-256-CFB with MDC; opens with any GnuPG. */
    GPG("gpg", ".gpg"),
    /** {@code openssl enc -aes-256-cbc -pbkdf2}, with an HMAC beside it. */
    AES_256_CBC("aes-256-cbc", ".enc");

    /** What is appended to an artifact's name to name the file that keeps its session keys. */
    public static final String SESSION_KEYS_SUFFIX = ".key";

    private final String label;
    private final String suffix;

    Encryption(String label, String suffix) {
        this.label = label;
        this.suffix = suffix;
    }

    /** The name used in {@code BACKUP_ENCRYPTION_FORMAT} and in manifests. */
    public String label() {
        return label;
    }

    /** The file name's ending, with its dot; empty for {@link #NONE}. */
    public String suffix() {
        return suffix;
    }

    public static Encryption named(String label) {
        return Arrays.stream(values())
                .filter(encryption -> encryption.label.equals(label))
                .findFirst()
                .orElseThrow(() -> Failure.usage(
                        "unknown encryption format '" + label + "'",
                        "set BACKUP_ENCRYPTION_FORMAT to one of "
                                + Arrays.stream(values()).map(Encryption::label).collect(Collectors.joining(", "))));
    }

    /**
     * The shell commands that write an artifact's decrypted bytes to standard output without Bactrian, run in the folder that it
     * lies in. The programs ask for the passphrase; openssl takes it from {@code BACKUP_ENCRYPTION_KEY}.
     *
     * @param artifact the file's name as stored, suffix included
     * @param keys the folder of the repository's keys, as seen from there, such as {@code ../../keys}
     * @param fingerprint of the repository's key, lower-case hexadecimal; not used by {@link #NONE} and {@link #AES_256_CBC}
     */
    public String openCommand(String artifact, String keys, String fingerprint) {
        return openCommand(
                ShellQuote.file(artifact), ShellQuote.file(artifact + SESSION_KEYS_SUFFIX), keys, fingerprint);
    }

    /** As {@link #openCommand}, for whichever artifact the shell's variable {@code $WAL} names. */
    public String openCommandForWal(String keys, String fingerprint) {
        return openCommand("\"$WAL\"", "\"$WAL" + SESSION_KEYS_SUFFIX + "\"", keys, fingerprint);
    }

    private String openCommand(String body, String sessionKeys, String keys, String fingerprint) {
        String message = "cat " + sessionKeys + " " + body;
        return switch (this) {
            case NONE -> "cat " + body;
            case OPENPGP -> message + " | sq decrypt --recipient-file " + keys + "/" + KeyFiles.secretName(fingerprint);
            case GPG ->
                "gpg --batch --import " + keys + "/" + KeyFiles.gpgSecretName(fingerprint) + " && " + message
                        + " | gpg --decrypt";
            case AES_256_CBC ->
                "openssl enc -d -aes-256-cbc -pbkdf2 -iter " + Aes256Cbc.ITERATIONS
                        + " -md sha256 -pass env:BACKUP_ENCRYPTION_KEY -in " + body;
        };
    }
}
