package io.bactrian.postgres;

import io.bactrian.Failure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A temporary server on a base and its WAL, recovered to exactly the target, that can harm nobody: its configuration is ours
 * alone, so that it archives nowhere, subscribes to nothing, waits for no standby and loads no library of the original.
 */
public final class RecoveredCluster implements AutoCloseable {
    /** Replay takes as long as it takes; whoever waits sees how far it is. */
    private static final Duration NO_LIMIT = Duration.ofDays(365);

    private static final String OURS = "bactrian_recovery";
    private static final Pattern REPLAYING = Pattern.compile("startup\\s+recovering ([0-9A-F]{24})");
    private static final long NANOS_BETWEEN_LOOKS = 500_000_000;

    private final TemporaryCluster cluster;
    private final UnpackedBase base;
    private final Guardian guardian;

    private RecoveredCluster(TemporaryCluster cluster, UnpackedBase base, Guardian guardian) {
        this.cluster = cluster;
        this.base = base;
        this.guardian = guardian;
    }

    /**
     * Recovers to the target and opens the cluster there, on a timeline of its own.
     *
     * @param base closed with what is returned, and when this fails
     * @param segments the names of all segments that replay may need
     * @param durable whether the data shall survive a power cut from then on
     * @param replaying is told the name of the segment that is being replayed
     * @throws Failure if the target was not reached
     */
    public static RecoveredCluster open(
            UnpackedBase base,
            Guardian guardian,
            ReplayTarget target,
            List<String> segments,
            boolean durable,
            Consumer<String> replaying) {
        RecoveredCluster recovered = prepare(base, guardian, target, "promote", segments, durable);
        return recovered.orClose(() -> recovered.cluster.launch(NO_LIMIT, recovered.telling(replaying)));
    }

    /** Recovers to the target and stops there, still in recovery: a standby can go on from it. */
    public static RecoveredCluster stopAt(
            UnpackedBase base,
            Guardian guardian,
            ReplayTarget target,
            List<String> segments,
            Consumer<String> replaying) {
        RecoveredCluster recovered = prepare(base, guardian, target, "shutdown", segments, true);
        return recovered.orClose(() -> recovered.cluster.runToItsEnd(NO_LIMIT, recovered.telling(replaying)));
    }

    private static RecoveredCluster prepare(
            UnpackedBase base,
            Guardian guardian,
            ReplayTarget target,
            String action,
            List<String> segments,
            boolean durable) {
        try {
            base.detach();
            ControlData origin = ControlData.read(base.programs(), guardian, base.data());
            new WalInspection(base.programs(), guardian)
                    .refuseTablespacesOfOthers(
                            base.data().resolve("pg_wal"), segments, origin.segmentBytes(), base.start());
            Path signal = Files.createFile(base.data().resolve("recovery.signal"));
            base.programs().account().own(signal);
            Map<String, String> settings = new HashMap<>(target.settings(action));
            settings.putAll(ClusterConfiguration.forRecovery(
                    origin, base.programs().tools().major()));
            if (durable) {
                settings.putAll(ClusterConfiguration.DURABLE);
            }
            TemporaryCluster cluster = TemporaryCluster.over(base.programs(), base.directory(), guardian, settings);
            return new RecoveredCluster(cluster, base, guardian);
        } catch (IOException e) {
            base.close();
            throw Failure.running(
                    "Cannot prepare the unpacked base for recovery: " + e.getMessage(), "Check the free space there.");
        } catch (Failure e) {
            base.close();
            throw e;
        }
    }

    private RecoveredCluster orClose(Runnable start) {
        try {
            start.run();
            ServerLog.read(cluster.log()).requireTarget();
            return this;
        } catch (Failure e) {
            Failure explained = ServerLog.read(cluster.log()).explain(e);
            cluster.close();
            throw explained;
        }
    }

    private Runnable telling(Consumer<String> replaying) {
        long[] next = {System.nanoTime()};
        return () -> {
            if (System.nanoTime() >= next[0]) {
                next[0] = System.nanoTime() + NANOS_BETWEEN_LOOKS;
                cluster.processes().stream()
                        .flatMap(process -> title(process).stream())
                        .forEach(replaying);
            }
        };
    }

    /** The startup process shows in its title what it works on. */
    private static Optional<String> title(ProcessHandle process) {
        try {
            Matcher title = REPLAYING.matcher(Files.readString(
                    Path.of("/proc", String.valueOf(process.pid()), "cmdline"), StandardCharsets.ISO_8859_1));
            return title.find() ? Optional.of(title.group(1)) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** When the last transaction that is inside was committed, as the server says it; empty if none was replayed. */
    public Optional<String> lastTransaction() {
        return ServerLog.read(cluster.log()).lastTransaction();
    }

    /**
     * Makes a superuser of our own, since nobody knows the names of those that came with the base nor whether they may log in,
     * and gives the way to a database as that one.
     */
    public Server server(String database) {
        try {
            cluster.stop();
            cluster.runAlone("CREATE ROLE " + OURS + " SUPERUSER LOGIN");
            cluster.resume();
        } catch (Failure e) {
            throw ServerLog.read(cluster.log()).explain(e);
        }
        // set for a database or role, these would be loaded by the sessions that we open
        String options = "?options=-c%20session_preload_libraries%3D%20-c%20local_preload_libraries%3D";
        return Server.choose(DatabaseUrl.parse(cluster.url(OURS, database) + options, Map.of()), "template1");
    }

    /**
     * Shuts the server down in order, makes sure that it did, and gives the data directory a configuration of its own.
     *
     * @return what the user should know
     */
    public List<String> settle(OriginalConfiguration original, ClusterRole role) throws IOException {
        if (!role.standby()) {
            cluster.stop(NO_LIMIT); // it has all that was replayed to write and to sync
        }
        String wanted = role.standby() ? ControlData.SHUT_DOWN_IN_RECOVERY : ControlData.SHUT_DOWN;
        String found = ControlData.read(base.programs(), guardian, base.data()).state();
        if (!found.equals(wanted)) {
            throw Failure.running(
                    "the recovered cluster was not shut down in order: its state is \"" + found + "\"",
                    "Check the free space and run it again.");
        }
        Files.deleteIfExists(base.data().resolve("recovery.signal"));
        if (role.standby()) {
            base.programs().account().own(Files.createFile(base.data().resolve("standby.signal")));
        }
        return new RecoveredConfiguration(base.programs(), guardian, base.data())
                .write(original, base.changedBySql(), role.settings());
    }

    /** The command that starts a server on it. */
    public String startCommand(Path data) {
        return base.programs().startCommand(data);
    }

    @Override
    public void close() {
        cluster.close();
    }
}
