package io.bactrian.postgres;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** A JVM with a guarded child and a temporary cluster, made to be killed. Prints the numbers of its child processes. */
final class Victim {
    private Victim() {}

    public static void main(String[] args) throws Exception {
        TemporaryDirectory.clearLeftovers(Path.of(args[0]));
        Guardian guardian = new Guardian();
        Process stubborn = guardian.start(new ProcessBuilder("sh", "-c", "trap '' INT TERM; sleep 1000 & wait"));
        TemporaryCluster.start(Tools.locateServer(Optional.empty()), Path.of(args[0]), guardian, Map.of());
        ProcessHandle.current().descendants().forEach(child -> System.out.println(child.pid()));
        System.out.println(stubborn.pid() + " ready");
        System.in.read();
        System.exit(0);
    }
}
