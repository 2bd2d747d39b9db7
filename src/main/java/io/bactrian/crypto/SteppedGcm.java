package io.bactrian.crypto;

import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.security.spec.AlgorithmParameterSpec;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.BadPaddingException;
import javax.crypto.Cipher;
import javax.crypto.CipherSpi;
import javax.crypto.IllegalBlockSizeException;
import javax.crypto.NoSuchPaddingException;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;

/**
 * The JDK's AES-GCM, fed in small steps. In one call a chunk runs at 40 MB/s until HotSpot has compiled the code around its
 * intrinsics, which with few and long calls takes half a gigabyte; with many short ones it takes a second. The JDK decrypts only
 * as a whole, therefore decryption is CTR, which is what GCM does inside, and then GCM over the result for the tag. Nothing is
 * handed out before the tag has matched.
 */
final class SteppedGcm extends CipherSpi {
    private static final int STEP = 2048;
    private static final int TAG_LENGTH = 16;
    private static final int NONCE_LENGTH = 12;
    private static final int BLOCK_LENGTH = 16;

    private final Cipher gcm;
    private final Cipher ctr;
    private boolean decrypting;

    SteppedGcm() throws NoSuchAlgorithmException {
        try {
            gcm = Cipher.getInstance("AES/GCM/NoPadding");
            ctr = Cipher.getInstance("AES/CTR/NoPadding");
        } catch (NoSuchPaddingException e) {
            throw new NoSuchAlgorithmException(e);
        }
    }

    @Override
    protected void engineInit(int mode, Key key, AlgorithmParameterSpec parameters, SecureRandom random)
            throws InvalidKeyException, InvalidAlgorithmParameterException {
        if (!(parameters instanceof GCMParameterSpec nonce)
                || nonce.getIV().length != NONCE_LENGTH
                || nonce.getTLen() != TAG_LENGTH * Byte.SIZE) {
            throw new InvalidAlgorithmParameterException("a nonce of 12 bytes and a tag of 16 are needed");
        }
        decrypting = mode == Cipher.DECRYPT_MODE;
        gcm.init(Cipher.ENCRYPT_MODE, key, nonce);
        byte[] firstCounter = Arrays.copyOf(nonce.getIV(), BLOCK_LENGTH);
        firstCounter[BLOCK_LENGTH - 1] = 2;
        ctr.init(Cipher.ENCRYPT_MODE, key, new IvParameterSpec(firstCounter));
    }

    @Override
    protected void engineUpdateAAD(byte[] data, int offset, int length) {
        gcm.updateAAD(data, offset, length);
    }

    @Override
    protected byte[] engineDoFinal(byte[] input, int offset, int length)
            throws IllegalBlockSizeException, BadPaddingException {
        try {
            return decrypting ? decrypt(input, offset, length) : encrypt(input, offset, length);
        } catch (ShortBufferException e) {
            throw new IllegalStateException(e);
        }
    }

    private byte[] encrypt(byte[] plain, int offset, int length)
            throws ShortBufferException, IllegalBlockSizeException, BadPaddingException {
        byte[] encrypted = new byte[length + TAG_LENGTH];
        int written = 0;
        for (int done = 0; done < length; done += STEP) {
            written += gcm.update(plain, offset + done, Math.min(STEP, length - done), encrypted, written);
        }
        gcm.doFinal(encrypted, written);
        return encrypted;
    }

    private byte[] decrypt(byte[] encrypted, int offset, int length)
            throws ShortBufferException, IllegalBlockSizeException, BadPaddingException {
        if (length < TAG_LENGTH) {
            throw new AEADBadTagException("the tag is missing");
        }
        byte[] plain = new byte[length - TAG_LENGTH];
        byte[] unused = new byte[STEP + BLOCK_LENGTH];
        for (int done = 0; done < plain.length; done += STEP) {
            int count = Math.min(STEP, plain.length - done);
            ctr.update(encrypted, offset + done, count, plain, done);
            gcm.update(plain, done, count, unused, 0);
        }
        byte[] end = gcm.doFinal();
        byte[] tag = Arrays.copyOfRange(end, end.length - TAG_LENGTH, end.length);
        byte[] stored = Arrays.copyOfRange(encrypted, offset + plain.length, offset + length);
        if (!MessageDigest.isEqual(tag, stored)) {
            throw new AEADBadTagException("the tag does not match");
        }
        return plain;
    }

    @Override
    protected int engineDoFinal(byte[] input, int offset, int length, byte[] output, int outputOffset)
            throws ShortBufferException, IllegalBlockSizeException, BadPaddingException {
        byte[] result = engineDoFinal(input, offset, length);
        if (output.length - outputOffset < result.length) {
            throw new ShortBufferException();
        }
        System.arraycopy(result, 0, output, outputOffset, result.length);
        return result.length;
    }

    @Override
    protected int engineGetBlockSize() {
        return BLOCK_LENGTH;
    }

    @Override
    protected int engineGetOutputSize(int length) {
        return length + TAG_LENGTH;
    }

    @Override
    protected byte[] engineGetIV() {
        return gcm.getIV();
    }

    @Override
    protected AlgorithmParameters engineGetParameters() {
        return gcm.getParameters();
    }

    @Override
    protected byte[] engineUpdate(byte[] input, int offset, int length) {
        throw new UnsupportedOperationException("a chunk is processed whole");
    }

    @Override
    protected int engineUpdate(byte[] input, int offset, int length, byte[] output, int outputOffset) {
        throw new UnsupportedOperationException("a chunk is processed whole");
    }

    @Override
    protected void engineInit(int mode, Key key, SecureRandom random) throws InvalidKeyException {
        throw new InvalidKeyException("a nonce is needed");
    }

    @Override
    protected void engineInit(int mode, Key key, AlgorithmParameters parameters, SecureRandom random)
            throws InvalidKeyException, InvalidAlgorithmParameterException {
        try {
            engineInit(mode, key, parameters.getParameterSpec(GCMParameterSpec.class), random);
        } catch (GeneralSecurityException e) {
            throw new InvalidAlgorithmParameterException(e);
        }
    }

    @Override
    protected void engineSetMode(String mode) throws NoSuchAlgorithmException {
        throw new NoSuchAlgorithmException(mode);
    }

    @Override
    protected void engineSetPadding(String padding) throws NoSuchPaddingException {
        throw new NoSuchPaddingException(padding);
    }
}
