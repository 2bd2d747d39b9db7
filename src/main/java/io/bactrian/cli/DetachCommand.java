package io.bactrian.cli;

import io.bactrian.config.ConfiguredClusters;
import io.bactrian.config.Settings;
import io.bactrian.pipeline.Detachment;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "detach",
        description =
                "End point-in-time recovery: close the chain and drop the replication slot. What is stored stays.",
        mixinStandardHelpOptions = true)
final class DetachCommand implements Callable<Integer> {
    @Mixin
    private Databases databases;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        List<List<Settings>> clusters = ConfiguredClusters.of(databases.chosen(Invocation.settings()));
        List<Settings> first = clusters.stream().map(cluster -> cluster.get(0)).toList();
        return Databases.each(first, spec.commandLine().getErr(), this::detach);
    }

    private int detach(Settings settings) {
        Detachment done = Detachment.of(Invocation.call(settings, "detach", Map.of()));
        PrintWriter out = spec.commandLine().getOut();
        done.closed().forEach(chain -> out.println("Closed the chain " + chain));
        if (done.closed().isEmpty()) {
            out.println("There was no open chain");
        }
        out.println(done.outcome());
        return 0;
    }
}
