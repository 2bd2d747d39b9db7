package io.bactrian.cli;

import io.bactrian.Failure;
import io.bactrian.postgres.Guardian;
import io.bactrian.postgres.LocalPort;
import java.io.IOException;
import java.io.Writer;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.locks.LockSupport;

/** A throw-away S3 server with one bucket, on a port of the loopback interface. */
final class DemoBucket implements AutoCloseable {
    private static final String BUCKET = "offsite";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final int port;
    private final Process server;

    private DemoBucket(int port, Process server) {
        this.port = port;
        this.server = server;
    }

    /**
     * @param home of the program, whose build has the server's jars
     * @param folder for the bucket
     */
    static DemoBucket open(Path home, Path folder, Guardian guardian) throws IOException {
        int port = LocalPort.free();
        Path buckets = Files.createDirectories(folder.resolve("bucket"));
        Files.createDirectories(buckets.resolve(BUCKET));
        Properties properties = new Properties();
        properties.putAll(Map.of(
                "s3proxy.endpoint", "http://127.0.0.1:" + port,
                "s3proxy.authorization", "aws-v2-or-v4",
                "s3proxy.identity", "demo",
                "s3proxy.credential", "demo",
                "s3proxy.ignore-unknown-headers", "true",
                "jclouds.provider", "filesystem-nio2",
                "jclouds.filesystem.basedir", buckets.toString()));
        Path file = folder.resolve("s3.properties");
        try (Writer out = Files.newBufferedWriter(file)) {
            properties.store(out, null);
        }
        Path target = home.resolve("target");
        DemoBucket bucket = new DemoBucket(
                port,
                guardian.start(new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java")
                                        .toString(),
                                "-cp",
                                target.resolve("demo-s3") + "/*:" + target.resolve("lib") + "/*",
                                "org.gaul.s3proxy.Main",
                                "--properties",
                                file.toString())
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)));
        bucket.await();
        return bucket;
    }

    private void await() {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!answers()) {
            if (!server.isAlive() || System.nanoTime() > deadline) {
                close();
                throw Failure.running("the demo's S3 server did not start", "Please report this.");
            }
            LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
        }
    }

    private boolean answers() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    /** What a program that uses it needs in its environment. */
    Map<String, String> environment() {
        return Map.of(
                "BACKUP_S3_BUCKET",
                BUCKET,
                "BACKUP_S3_ENDPOINT",
                "http://127.0.0.1:" + port,
                "AWS_ACCESS_KEY_ID",
                "demo",
                "AWS_SECRET_ACCESS_KEY",
                "demo");
    }

    @Override
    public void close() {
        server.destroyForcibly();
        server.onExit().join();
    }
}
