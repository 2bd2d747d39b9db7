package io.bactrian.s3;

import static org.awaitility.Awaitility.await;

import io.bactrian.postgres.LocalPort;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;

/** A real S3 server, S3Proxy, in a process of its own, which checks signatures and keeps buckets as folders. */
public final class S3Server implements AutoCloseable {
    static final String KEY = "AKIABACTRIANTESTS";
    static final String SECRET = "s3-canary-secret-key";

    private final Path folder;
    private final int port;
    private final Process process;

    private S3Server(Path folder, int port, Process process) {
        this.folder = folder;
        this.port = port;
        this.process = process;
    }

    public static S3Server start(Path folder) throws IOException {
        return start(folder, LocalPort.free());
    }

    /** As after a crash: one that was at this port before has ended. */
    public S3Server again() throws IOException {
        return start(folder, port);
    }

    private static S3Server start(Path folder, int port) throws IOException {
        Properties properties = new Properties();
        properties.putAll(Map.of(
                "s3proxy.endpoint",
                "http://127.0.0.1:" + port,
                "s3proxy.authorization",
                "aws-v2-or-v4",
                "s3proxy.identity",
                KEY,
                "s3proxy.credential",
                SECRET,
                "s3proxy.ignore-unknown-headers",
                "true",
                "s3proxy.v4-max-non-chunked-request-size",
                "134217728",
                "jclouds.provider",
                "filesystem-nio2",
                "jclouds.filesystem.basedir",
                Files.createDirectories(folder.resolve("buckets")).toString()));
        Path file = folder.resolve("s3proxy.properties");
        try (var out = Files.newBufferedWriter(file)) {
            properties.store(out, null);
        }
        Process process = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        "org.gaul.s3proxy.Main",
                        "--properties",
                        file.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("s3proxy.log").toFile())
                .start();
        S3Server server = new S3Server(folder, port, process);
        await().atMost(Duration.ofSeconds(60))
                .failFast(() -> !process.isAlive())
                .until(server::answers);
        return server;
    }

    private boolean answers() {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    public int port() {
        return port;
    }

    public String endpoint() {
        return "http://127.0.0.1:" + port;
    }

    /** The folder of a bucket, which exists from then on. */
    public Path bucket(String name) throws IOException {
        return Files.createDirectories(folder.resolve("buckets").resolve(name));
    }

    /** What a program that uses it needs in its environment. */
    public static Map<String, String> credentials() {
        return Map.of("AWS_ACCESS_KEY_ID", KEY, "AWS_SECRET_ACCESS_KEY", SECRET, "AWS_EC2_METADATA_DISABLED", "true");
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
    }
}
