package io.bactrian.pipeline;

import io.bactrian.repository.Artifact;
import io.bactrian.stream.Compression;

/** The shell line in a manifest that opens an artifact without Bactrian, run in the folder that the artifact lies in. */
final class OpenLine {
    /** Three levels down, as WAL lies in {@code wal/<systemid>/<chain>}. */
    private static final String KEYS_FROM_WAL = "../../../keys";

    private OpenLine() {}

    /** Null for WAL, which has one line for all. */
    static String of(Draft draft, String fingerprint) {
        if (draft.content().equals(Artifact.WAL) || draft.content().equals(Artifact.TIMELINE_HISTORY)) {
            return null;
        }
        String keys = "../".repeat(draft.folder().split("/").length) + "keys";
        return decompressed(draft.encryption().openCommand(draft.name(), keys, fingerprint), draft.compression());
    }

    /** For whichever segment or history the shell's variable {@code $WAL} names; all of a run are packed alike. */
    static String ofWal(Artifact any, String fingerprint) {
        return decompressed(any.encryptedWith().openCommandForWal(KEYS_FROM_WAL, fingerprint), any.compressedWith());
    }

    private static String decompressed(String line, Compression compression) {
        return compression == Compression.NONE ? line : line + " | " + compression.opener();
    }
}
