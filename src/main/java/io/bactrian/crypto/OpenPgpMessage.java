package io.bactrian.crypto;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.List;
import org.bouncycastle.bcpg.BCPGInputStream;
import org.bouncycastle.bcpg.LiteralDataPacket;
import org.bouncycastle.bcpg.SymmetricEncIntegrityPacket;
import org.bouncycastle.bcpg.SymmetricKeyAlgorithmTags;
import org.bouncycastle.openpgp.PGPEncryptedData;
import org.bouncycastle.openpgp.PGPEncryptedDataList;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPKeyPair;
import org.bouncycastle.openpgp.PGPPublicKeyEncryptedData;
import org.bouncycastle.openpgp.PGPSessionKey;
import org.bouncycastle.openpgp.PGPSessionKeyEncryptedData;
import org.bouncycastle.openpgp.operator.bc.BcPublicKeyDataDecryptorFactory;
import org.bouncycastle.openpgp.operator.jcajce.JceSessionKeyDataDecryptorFactoryBuilder;

/** The content of a sealed OpenPGP message; its end is the proof that nothing was changed, cut off or added. */
final class OpenPgpMessage extends InputStream {
    /** RFC 9580 forbids larger chunks (4 MiB); a forged one would exhaust the heap. */
    private static final int LARGEST_CHUNK_SIZE_OCTET = 16;

    private final BCPGInputStream stored;
    private final PGPSessionKeyEncryptedData encrypted;
    private final BCPGInputStream decrypted;
    private final InputStream literal;
    private boolean proven;

    static InputStream open(List<PGPKeyPair> keys, byte[] sessionKeys, InputStream body) {
        try {
            return new OpenPgpMessage(keys, sessionKeys, body);
        } catch (IOException | PGPException | RuntimeException e) {
            throw damaged(e);
        }
    }

    private OpenPgpMessage(List<PGPKeyPair> keys, byte[] sessionKeys, InputStream body)
            throws IOException, PGPException {
        stored = new BCPGInputStream(new SequenceInputStream(new ByteArrayInputStream(sessionKeys), body));
        PGPEncryptedDataList message = new PGPEncryptedDataList(stored);
        requireIntegrityProtection(message);
        PGPSessionKey sessionKey = sessionKey(message, keys);
        encrypted = message.extractSessionKeyEncryptedData();
        decrypted = new BCPGInputStream(encrypted.getDataStream(new JceSessionKeyDataDecryptorFactoryBuilder()
                .setProvider(new FastCiphers())
                .build(sessionKey)));
        if (!(decrypted.readPacket() instanceof LiteralDataPacket packet)) {
            throw new PGPException("the message holds no literal data");
        }
        literal = packet.getInputStream();
    }

    @Override
    public int read() {
        byte[] single = new byte[1];
        return read(single, 0, 1) < 0 ? -1 : single[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) {
        if (length == 0 || proven) {
            return length == 0 ? 0 : -1;
        }
        try {
            int count = literal.read(bytes, offset, length);
            if (count < 0) {
                requireProof();
                proven = true;
            }
            return count;
        } catch (IOException | PGPException | RuntimeException e) {
            throw damaged(e);
        }
    }

    @Override
    public void close() throws IOException {
        stored.close();
    }

    private void requireProof() throws IOException, PGPException {
        if (decrypted.read() >= 0) {
            throw new PGPException("there is more behind the literal data");
        }
        if (!encrypted.verify()) {
            throw new PGPException("the modification detection code does not match");
        }
        if (stored.read() >= 0) {
            throw new PGPException("there is more behind the message");
        }
    }

    private static void requireIntegrityProtection(PGPEncryptedDataList message) throws PGPException {
        if (!(message.getEncryptedData() instanceof SymmetricEncIntegrityPacket packet)) {
            throw new PGPException("the body is not integrity protected");
        }
        if (packet.getVersion() == SymmetricEncIntegrityPacket.VERSION_2
                && packet.getChunkSize() > LARGEST_CHUNK_SIZE_OCTET) {
            throw new PGPException("chunk size out of range");
        }
    }

    private static PGPSessionKey sessionKey(PGPEncryptedDataList message, List<PGPKeyPair> keys) throws PGPException {
        for (PGPEncryptedData method : message) {
            if (method instanceof PGPPublicKeyEncryptedData wrapped) {
                for (PGPKeyPair key : keys) {
                    if (wrapped.getKeyIdentifier().matchesExplicit(key.getKeyIdentifier())) {
                        return requireAes256(wrapped.getSessionKey(new BcPublicKeyDataDecryptorFactory(key)));
                    }
                }
            }
        }
        throw new PGPException("it is not sealed to this key");
    }

    private static PGPSessionKey requireAes256(PGPSessionKey key) throws PGPException {
        if (key.getAlgorithm() != SymmetricKeyAlgorithmTags.AES_256) {
            throw new PGPException("the cipher is not AES-256");
        }
        return key;
    }

    private static Failure damaged(Exception cause) {
        if (cause instanceof Failure failure) {
            return failure;
        }
        return new Failure(
                ExitCode.INTEGRITY,
                "the encrypted data or its session keys are damaged or not of this repository: " + cause.getMessage(),
                "use another copy of this backup",
                cause);
    }
}
