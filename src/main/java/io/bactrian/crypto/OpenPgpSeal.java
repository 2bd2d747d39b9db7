package io.bactrian.crypto;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.bcpg.AEADAlgorithmTags;
import org.bouncycastle.bcpg.ContainedPacket;
import org.bouncycastle.bcpg.SymmetricKeyAlgorithmTags;
import org.bouncycastle.openpgp.PGPEncryptedDataGenerator;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPLiteralData;
import org.bouncycastle.openpgp.PGPLiteralDataGenerator;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.operator.PGPKeyEncryptionMethodGenerator;
import org.bouncycastle.openpgp.operator.bc.BcPublicKeyKeyEncryptionMethodGenerator;
import org.bouncycastle.openpgp.operator.jcajce.JcePGPDataEncryptorBuilder;

/** An OpenPGP message in two parts: session keys apart, and the body, a literal packet in a SEIPD packet, not compressed. */
final class OpenPgpSeal implements Seal {
    /** Binary logarithm of an AEAD chunk's bytes; 256 KiB are the best of both ways, on a warm JVM and on a cold one. */
    private static final int CHUNK_LENGTH_EXPONENT = 18;
    /** Bytes; a power of two, for it becomes the length of OpenPGP's partial packets. */
    private static final int PARTIAL_LENGTH = 1 << 16;

    private final Encryption format;
    private final List<Certificate> recipients;
    private final ByteArrayOutputStream sessionKeys = new ByteArrayOutputStream();

    OpenPgpSeal(Encryption format, List<Certificate> recipients) {
        this.format = format;
        this.recipients = List.copyOf(recipients);
    }

    @Override
    public OutputStream body(OutputStream next) {
        if (sessionKeys.size() > 0) {
            throw new IllegalStateException("a seal is used once");
        }
        PGPEncryptedDataGenerator encryption = new PGPEncryptedDataGenerator(cipher());
        recipients.stream()
                .flatMap(recipient -> recipient.encryptionKeys().stream())
                .forEach(key -> encryption.addMethod(recordingSessionKeys(key)));
        try {
            ByteArrayOutputStream opening = new ByteArrayOutputStream();
            SwitchableOutputStream stored = new SwitchableOutputStream(opening);
            OutputStream encrypted = encryption.open(stored, new byte[PARTIAL_LENGTH]);
            stored.switchTo(next);
            byte[] head = opening.toByteArray();
            next.write(head, sessionKeys.size(), head.length - sessionKeys.size());
            OutputStream literal = new PGPLiteralDataGenerator()
                    .open(encrypted, PGPLiteralData.BINARY, "", new Date(0), new byte[PARTIAL_LENGTH]);
            return new Message(literal, encrypted, next);
        } catch (IOException | PGPException e) {
            throw new Failure(
                    ExitCode.FAILED,
                    "encryption cannot start: " + e.getMessage(),
                    "check the free space, and that this Java has AES-256",
                    e);
        }
    }

    @Override
    public byte[] sessionKeys() {
        return sessionKeys.toByteArray();
    }

    @Override
    public Optional<String> hmac() {
        return Optional.empty();
    }

    private JcePGPDataEncryptorBuilder cipher() {
        JcePGPDataEncryptorBuilder aes =
                new JcePGPDataEncryptorBuilder(SymmetricKeyAlgorithmTags.AES_256).setProvider(new FastCiphers());
        return format == Encryption.GPG
                ? aes.setWithIntegrityPacket(true)
                : aes.setWithAEAD(AEADAlgorithmTags.GCM, CHUNK_LENGTH_EXPONENT).setUseV6AEAD();
    }

    private PGPKeyEncryptionMethodGenerator recordingSessionKeys(PGPPublicKey key) {
        PGPKeyEncryptionMethodGenerator method = new BcPublicKeyKeyEncryptionMethodGenerator(key);
        return (cipher, sessionKey) -> {
            ContainedPacket packet = method.generate(cipher, sessionKey);
            try {
                sessionKeys.writeBytes(packet.getEncoded());
            } catch (IOException e) {
                throw new PGPException("session key packet cannot be encoded", e);
            }
            return packet;
        };
    }

    /** bcpg writes session keys and body to one stream; this sends what comes first elsewhere. */
    private static final class SwitchableOutputStream extends FilterOutputStream {
        SwitchableOutputStream(OutputStream first) {
            super(first);
        }

        void switchTo(OutputStream next) {
            out = next;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
        }
    }

    /** Closes inside out: literal packet, encrypted packet, storage. */
    private static final class Message extends FilterOutputStream {
        private final OutputStream encrypted;
        private final OutputStream next;
        private boolean closed;

        Message(OutputStream literal, OutputStream encrypted, OutputStream next) {
            super(literal);
            this.encrypted = encrypted;
            this.next = next;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
        }

        @Override
        public void flush() {
            // partial packets have a fixed length: nothing can be sent on before it is reached
        }

        @Override
        public void close() throws IOException {
            if (closed) {
                return;
            }
            closed = true;
            try (next) {
                out.close();
                encrypted.close();
            }
        }
    }
}
