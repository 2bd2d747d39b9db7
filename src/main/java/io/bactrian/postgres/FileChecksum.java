package io.bactrian.postgres;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.zip.CRC32C;

/** What {@code pg_basebackup --manifest-checksums} keeps of a file's content (manual, chapter "Backup Manifest Format"). */
public enum FileChecksum {
    NONE(null),
    CRC32C(null),
    SHA224("SHA-224"),
    SHA256("SHA-256"),
    SHA384("SHA-384"),
    SHA512("SHA-512");

    private final String digest;

    FileChecksum(String digest) {
        this.digest = digest;
    }

    /** @param name as the manifest writes it; empty for one that later versions may bring */
    public static Optional<FileChecksum> named(String name) {
        for (FileChecksum checksum : values()) {
            if (checksum.name().equals(name)) {
                return Optional.of(checksum);
            }
        }
        return Optional.empty();
    }

    /** A computation under way, for one file. */
    interface Running {
        void update(byte[] bytes, int length);

        /** Lower-case hex, as the manifest writes it; empty for {@link #NONE}. */
        String hex();
    }

    Running start() {
        return switch (this) {
            case NONE -> new OfNothing();
            case CRC32C -> new OfCrc();
            default -> new OfDigest(digest);
        };
    }

    private record OfNothing() implements Running {
        @Override
        public void update(byte[] bytes, int length) {}

        @Override
        public String hex() {
            return "";
        }
    }

    private record OfCrc(CRC32C crc) implements Running {
        OfCrc() {
            this(new CRC32C());
        }

        @Override
        public void update(byte[] bytes, int length) {
            crc.update(bytes, 0, length);
        }

        /** PostgreSQL writes the number as it lies in memory; its servers here are all little-endian. */
        @Override
        public String hex() {
            byte[] inMemory = ByteBuffer.allocate(Integer.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt((int) crc.getValue())
                    .array();
            return HexFormat.of().formatHex(inMemory);
        }
    }

    private record OfDigest(MessageDigest running) implements Running {
        OfDigest(String algorithm) {
            this(digest(algorithm));
        }

        @Override
        public void update(byte[] bytes, int length) {
            running.update(bytes, 0, length);
        }

        @Override
        public String hex() {
            return HexFormat.of().formatHex(running.digest());
        }

        private static MessageDigest digest(String algorithm) {
            try {
                return MessageDigest.getInstance(algorithm);
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java platform here has " + algorithm, e);
            }
        }
    }
}
