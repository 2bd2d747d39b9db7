package io.bactrian.stream;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.Arrays;

/** The first bytes of a stream, and the stream as if nobody had looked. */
public record Peeked(byte[] head, InputStream whole) {
    public static Peeked at(InputStream source, int bytes) throws IOException {
        byte[] head = source.readNBytes(bytes);
        return new Peeked(head, new SequenceInputStream(new ByteArrayInputStream(head), source));
    }

    public boolean startsWith(int... magic) {
        byte[] wanted = new byte[magic.length];
        for (int i = 0; i < magic.length; i++) {
            wanted[i] = (byte) magic[i];
        }
        return head.length >= wanted.length && Arrays.equals(head, 0, wanted.length, wanted, 0, wanted.length);
    }
}
