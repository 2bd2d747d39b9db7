package io.bactrian.s3;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import org.apache.commons.io.input.BoundedInputStream;
import software.amazon.awssdk.http.ContentStreamProvider;

/** A stretch of a file, read anew for each attempt. */
record FilePart(File file, long offset, long bytes) implements ContentStreamProvider {
    @Override
    public InputStream newStream() {
        try {
            FileChannel channel = FileChannel.open(file.toPath(), StandardOpenOption.READ);
            channel.position(offset);
            return BoundedInputStream.builder()
                    .setInputStream(Channels.newInputStream(channel))
                    .setMaxCount(bytes)
                    .get();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
