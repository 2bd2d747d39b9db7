package io.bactrian.pipeline;

import io.bactrian.postgres.Proof;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Collects the proof and ends the snapshot as soon as nobody looks through it any more: it holds back vacuum meanwhile. */
final class ReleaseSnapshot implements Processor {
    private static final Logger LOG = LoggerFactory.getLogger(ReleaseSnapshot.class);

    @Override
    public void process(Exchange exchange) throws Exception {
        Backup backup = Backup.of(exchange);
        backup.source()
                .snapshot()
                .release()
                .map(proof -> backup.withProof(proof).withWarnings(warnings(proof, backup)))
                .orElse(backup)
                .on(exchange);
    }

    private static List<String> warnings(Proof proof, Backup backup) {
        List<String> warnings =
                proof.leftOut().stream().map(ReleaseSnapshot::warning).toList();
        warnings.forEach(
                text -> LOG.atWarn().addKeyValue("backupId", backup.id().text()).log(text));
        return warnings;
    }

    private static String warning(Proof.LeftOut left) {
        return switch (left.reason()) {
            case LOCKED ->
                "The proof leaves out " + left.table()
                        + ", which somebody wanted for themselves: its dump is whole, but a restore cannot be compared with it.";
            case CHANGED ->
                "The proof leaves out " + left.table()
                        + ", which was emptied, rewritten, renamed or dropped while the backup began: to the backup's snapshot such a"
                        + " table may look empty, in the dump, too. Make another backup if its rows matter.";
        };
    }
}
