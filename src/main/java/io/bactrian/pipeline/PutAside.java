package io.bactrian.pipeline;

import io.bactrian.Failure;
import io.bactrian.crypto.NativeCrypto;
import io.bactrian.stream.Digested;
import io.bactrian.stream.Stage;
import io.bactrian.stream.Streams;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** What comes from a store elsewhere, on this machine's disk, so that it can be checked to its end before anything of it is opened. */
final class PutAside {
    private static final String PREFIX = "bactrian-fetch-";

    private PutAside() {}

    /**
     * Writes a stream to a file that has no name any more, while a thread of its own reads and digests it; the disk is free again
     * once the returned stream is closed or the process has ended, however it does.
     *
     * @param name for people
     * @throws Failure of integrity if it has another length or SHA-256; a precondition if there is no room
     */
    static InputStream checked(InputStream arriving, Path folder, long bytes, String sha256, String name)
            throws IOException {
        Workspace.checkRoom(folder, bytes);
        FileChannel channel = nameless(folder);
        Digested digested = new Digested(arriving, NativeCrypto.sha256());
        try (Stage whole = Stage.of("fetch", digested, next -> next)) {
            byte[] buffer = new byte[Streams.BUFFER_BYTES];
            long room = bytes;
            for (int n; room >= 0 && (n = whole.read(buffer)) >= 0; room -= n) {
                ByteBuffer piece = ByteBuffer.wrap(buffer, 0, n);
                while (piece.hasRemaining()) {
                    channel.write(piece);
                }
            }
            CheckStored.check(digested, bytes, sha256, name);
            return Channels.newInputStream(channel.position(0));
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static FileChannel nameless(Path folder) throws IOException {
        Path file = Files.createTempFile(folder, PREFIX, null); // 0600 by its contract
        try {
            return FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        } finally {
            Files.delete(file);
        }
    }
}
