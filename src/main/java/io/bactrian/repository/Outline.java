package io.bactrian.repository;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;

/**
 * A manifest without what is only needed to read the backup: digests, session keys, proof, tools and options but for the name. Enough to list
 * backups, to build chains and to decide what stays; small, because there may be very many.
 *
 * @param manifest with the artifacts that are not segments of log
 * @param runs the segments
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Outline(Manifest manifest, List<WalRun> runs) {

    static Outline of(Manifest whole) {
        OutlinedArtifacts artifacts = OutlinedArtifacts.of(whole);
        return new Outline(with(whole, artifacts.others()), artifacts.runs());
    }

    /** As others know it: with all artifacts. */
    Manifest outlined() {
        return with(manifest, new OutlinedArtifacts(manifest.artifacts(), runs));
    }

    private static Manifest with(Manifest whole, List<Artifact> artifacts) {
        return new Manifest(
                whole.format(),
                whole.id(),
                whole.kind().intern(),
                whole.started(),
                whole.finished(),
                whole.durationMillis(),
                null,
                interned(whole.database()),
                interned(whole.serverVersion()),
                interned(whole.systemIdentifier()),
                whole.snapshotLsn(),
                Map.of(),
                Origin.nameOnly(whole.options()),
                artifacts,
                whole.objects(),
                null,
                whole.warnings(),
                whole.base(),
                whole.physical(),
                whole.wal(),
                interned(whole.signer()));
    }

    private static String interned(String text) {
        return text == null ? null : text.intern();
    }
}
