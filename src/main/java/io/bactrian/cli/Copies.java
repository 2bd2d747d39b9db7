package io.bactrian.cli;

import io.bactrian.pipeline.Replication;
import picocli.CommandLine.Model.CommandSpec;

/** What commands that replicate say of it. */
final class Copies {
    private Copies() {}

    /**
     * Returns whether every store has everything.
     *
     * @param replication null where there are no other stores
     */
    static boolean report(Replication replication, CommandSpec spec) {
        if (replication == null || replication.targets().isEmpty()) {
            return true;
        }
        replication.risks().forEach(risk -> spec.commandLine().getErr().println("Warning: at risk: " + risk));
        replication
                .sent()
                .forEach((store, backups) ->
                        spec.commandLine().getOut().println("Copied to " + store.name() + ": " + backups + " backups"));
        spec.commandLine().getOut().println("Stores: " + replication.summary());
        return replication.complete();
    }
}
