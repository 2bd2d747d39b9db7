package io.bactrian.postgres;

import io.bactrian.stream.Streams;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** A tar archive that {@code pg_basebackup} made, read to its end. */
public final class BaseTar {
    private BaseTar() {}

    /**
     * Adds the files of the archive to those that were seen.
     *
     * @param below where the archive's root lies in the data directory: empty, or {@code pg_tblspc/16385/}
     * @return how the comparison with {@code backup_manifest} ended; empty if the archive holds none
     * @throws IOException if this is not a tar archive, or it breaks off
     */
    public static Optional<BackupManifest.Outcome> read(InputStream archive, String below, BaseFiles files)
            throws IOException {
        Optional<BackupManifest.Outcome> outcome = Optional.empty();
        byte[] buffer = new byte[Streams.BUFFER_BYTES];
        try (TarArchiveInputStream tar = new TarArchiveInputStream(archive, StandardCharsets.ISO_8859_1.name())) {
            for (TarArchiveEntry entry; (entry = tar.getNextEntry()) != null; ) {
                String path = below + entry.getName();
                if (path.equals(BackupManifest.FILE_NAME)) {
                    outcome = Optional.of(BackupManifest.compare(tar, entry.getSize(), files));
                } else if (entry.isFile() && BackupManifest.counts(path)) {
                    // each character stands for one byte of the name
                    files.add(path.getBytes(StandardCharsets.ISO_8859_1), entry.getSize(), crc32c(tar, buffer));
                }
            }
            Streams.drain(archive); // what seals the stream stands at its end
        }
        return outcome;
    }

    private static int crc32c(InputStream content, byte[] buffer) throws IOException {
        CRC32C crc = new CRC32C();
        for (int n; (n = content.read(buffer)) >= 0; ) {
            crc.update(buffer, 0, n);
        }
        return (int) crc.getValue();
    }
}
