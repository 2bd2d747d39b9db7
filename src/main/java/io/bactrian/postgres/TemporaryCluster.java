package io.bactrian.postgres;

import io.bactrian.Failure;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A PostgreSQL server for a while, that can harm nobody: reachable through a private socket only, with configuration and
 * access rules of its own, archiving and replicating nowhere, not caring about power cuts. Closing it ends it at once and
 * deletes all of it; if we are killed the {@link Guardian} ends it, and {@link TemporaryDirectory#clearLeftovers} deletes.
 */
public final class TemporaryCluster implements AutoCloseable {
    /** Its superuser, who needs no password at the socket. */
    public static final String SUPERUSER = "postgres";

    private static final Duration START_LIMIT = Duration.ofMinutes(1);
    private static final Duration STOP_LIMIT = Duration.ofMinutes(1);
    private static final int SOCKET_PORT = 5432;

    private final ServerPrograms programs;
    private final TemporaryDirectory directory;
    private final Guardian guardian;
    private final int port;
    private final boolean tcp;
    private final Thread atShutdown = new Thread(this::endWithAll, "end of temporary cluster");
    private Path configuration;
    private Process server;

    private TemporaryCluster(
            ServerPrograms programs, TemporaryDirectory directory, Guardian guardian, int port, boolean tcp) {
        this.programs = programs;
        this.directory = directory;
        this.guardian = guardian;
        this.port = port;
        this.tcp = tcp;
    }

    /**
     * Makes an empty cluster (UTF-8, C.UTF-8) in a directory and starts it.
     *
     * @param parent an existing directory; as root it must be one that others may pass through, such as /var/tmp
     * @param settings of postgresql.conf, which override ours
     */
    public static TemporaryCluster start(Tools tools, Path parent, Guardian guardian, Map<String, String> settings) {
        ServerPrograms programs = new ServerPrograms(tools, Account.forServers());
        TemporaryDirectory directory = TemporaryDirectory.in(parent);
        return new TemporaryCluster(programs, directory, guardian, SOCKET_PORT, false).begin(settings);
    }

    /** The same, reachable on a free port of 127.0.0.1 too, where it asks for passwords (SCRAM). */
    public static TemporaryCluster startWithTcp(
            Tools tools, Path parent, Guardian guardian, Map<String, String> settings) {
        ServerPrograms programs = new ServerPrograms(tools, Account.forServers());
        TemporaryDirectory directory = TemporaryDirectory.in(parent);
        return new TemporaryCluster(programs, directory, guardian, LocalPort.free(), true).begin(settings);
    }

    /**
     * Starts a server on an existing data directory and waits until it is open for writing, at the end of any recovery. Nothing of
     * the configuration that came with the data is used.
     *
     * @param directory holds the data; closed with the cluster, and when the server does not start
     */
    public static TemporaryCluster open(
            Tools tools,
            TemporaryDirectory directory,
            Guardian guardian,
            Map<String, String> settings,
            Duration limit) {
        ServerPrograms programs = new ServerPrograms(tools, Account.forServers());
        TemporaryCluster cluster = over(programs, directory, guardian, settings);
        cluster.orClose(() -> {
            directory.letPass(programs.account());
            programs.account().own(cluster.data());
            cluster.launch(limit, () -> {});
        });
        return cluster;
    }

    /**
     * A server on an existing data directory, a base backup for instance; {@link #launch} starts it. Nothing of the
     * configuration that came with the data is used.
     *
     * @param directory holds the data, which belongs to the account of the server programs; closed with the cluster
     * @param settings of postgresql.conf, which override ours
     */
    static TemporaryCluster over(
            ServerPrograms programs, TemporaryDirectory directory, Guardian guardian, Map<String, String> settings) {
        TemporaryCluster cluster = new TemporaryCluster(programs, directory, guardian, SOCKET_PORT, false);
        Runtime.getRuntime().addShutdownHook(cluster.atShutdown);
        cluster.orClose(() -> {
            Files.deleteIfExists(cluster.data().resolve("postgresql.auto.conf"));
            cluster.configure(settings);
        });
        return cluster;
    }

    public Path data() {
        return directory.data();
    }

    /** What the server logged. */
    public Path log() {
        return directory.path().resolve("log");
    }

    /** Makes a private folder for whoever uses the cluster, which goes with it. */
    public Path folder(String name) throws IOException {
        return directory.folder(name);
    }

    /** The port on 127.0.0.1, or the number in the socket's name. */
    public int port() {
        return port;
    }

    /** A libpq URL through the socket, where nobody needs a password. */
    public String url(String user, String database) {
        try {
            return "postgresql://" + ConnectionUri.encode(user) + "@"
                    + ConnectionUri.encode(directory.sockets().toString()) + ":" + port + "/"
                    + ConnectionUri.encode(database);
        } catch (IOException e) {
            throw Failure.running("The temporary cluster is gone: " + e.getMessage(), "Start it again.");
        }
    }

    /** The same through TCP, for a cluster that was started with it. */
    public String url(String user, String password, String database) {
        return "postgresql://" + ConnectionUri.encode(user) + ":" + ConnectionUri.encode(password) + "@127.0.0.1:"
                + port + "/" + ConnectionUri.encode(database);
    }

    /** Starts the server again after {@link #stop} or {@link #kill}. */
    public void resume() {
        launch(START_LIMIT, () -> {});
    }

    /** Stops the server in order, ending its sessions. */
    public void stop() {
        stop(STOP_LIMIT);
    }

    void stop(Duration limit) {
        Signal.INT.end(server.toHandle(), limit);
    }

    /** Ends the server with all its processes as a crash of the machine would. */
    public void kill() {
        List<ProcessHandle> backends = server.descendants().toList();
        server.destroyForcibly();
        backends.forEach(ProcessHandle::destroyForcibly);
        server.onExit().join();
        backends.forEach(backend -> backend.onExit().join());
    }

    @Override
    public void close() {
        end();
        AtShutdown.withdraw(atShutdown);
    }

    private synchronized void end() {
        quit();
        directory.close();
    }

    /** When we are ended ourselves, other programs that we started may still be writing into the directory. */
    private synchronized void endWithAll() {
        quit();
        guardian.close();
        directory.close();
    }

    private void quit() {
        if (server != null) {
            Signal.QUIT.end(server.toHandle(), STOP_LIMIT);
        }
    }

    private TemporaryCluster begin(Map<String, String> settings) {
        Runtime.getRuntime().addShutdownHook(atShutdown);
        orClose(() -> {
            directory.letPass(programs.account());
            Files.createDirectory(data());
            programs.account().own(data());
            directory.file("log");
            programs.initialize(guardian, data(), SUPERUSER);
            configure(settings);
            resume();
        });
        return this;
    }

    private void configure(Map<String, String> settings) throws IOException {
        directory.file("log");
        configuration = ClusterConfiguration.write(directory, programs.account(), port, tcp, settings);
    }

    private void orClose(FileWork work) {
        try {
            work.run();
        } catch (IOException e) {
            close();
            throw Failure.running(
                    "Cannot set up a temporary cluster in " + directory.path() + ": " + e.getMessage(),
                    "Check the free space and the permissions there.");
        } catch (Failure e) {
            close();
            throw e;
        }
    }

    /**
     * Runs SQL while the server is stopped, as the superuser that every cluster has, whatever its name.
     *
     * @param sql one command on one line; the first error ends it
     */
    void runAlone(String sql) {
        ProcessBuilder alone = programs.program(
                "postgres",
                List.of("--single", "--config-file=" + configuration, "-c", "exit_on_error=on", "template1"));
        Process process = guardian.start(logging(alone));
        try (OutputStream in = process.getOutputStream()) {
            in.write((sql + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            process.destroy();
        }
        if (process.onExit().join().exitValue() != 0) {
            throw failed("postgres --single");
        }
    }

    /**
     * Starts the server and waits until it is open for writing, at the end of any recovery.
     *
     * @param meanwhile called again and again while it starts
     * @throws Failure if it ends, or is not open within the limit
     */
    void launch(Duration limit, Runnable meanwhile) {
        if (!await(limit, meanwhile)) {
            throw failed("postgres");
        }
    }

    /** Starts the server and waits until it ends by itself, as it does where recovery is to stop at its target. */
    void runToItsEnd(Duration limit, Runnable meanwhile) {
        if (await(limit, meanwhile) || server.exitValue() != 0) {
            throw failed("postgres");
        }
    }

    /** Returns true once it is ready, false if it ended before. */
    private boolean await(Duration limit, Runnable meanwhile) {
        server = guardian.start(logging(programs.program("postgres", List.of("--config-file=" + configuration))));
        long deadline = System.nanoTime() + limit.toNanos();
        try {
            while (!server.waitFor(10, TimeUnit.MILLISECONDS)) {
                if (new PostmasterFile(data()).isReady(server)) {
                    return true;
                }
                if (System.nanoTime() > deadline) {
                    throw failed("postgres");
                }
                meanwhile.run();
            }
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw failed("postgres");
        }
        throw failed("postgres");
    }

    /** The server's processes; empty if it does not run. */
    List<ProcessHandle> processes() {
        return server == null ? List.of() : server.descendants().toList();
    }

    private ProcessBuilder logging(ProcessBuilder program) {
        return program.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()));
    }

    private Failure failed(String program) {
        return Failure.running(
                "The temporary PostgreSQL server did not work (" + program + "): "
                        + ServerLog.read(log()).end(),
                "Check the free space and memory of this machine, and the settings it was given.");
    }
}
