package io.bactrian.postgres;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** A standby of a test's server, on a socket and a port of 127.0.0.1, that follows it until it is promoted. */
public final class Replica implements AutoCloseable {
    private final Tools tools;
    private final Path folder;
    private final int port;

    private Replica(Tools tools, Path folder, int port) {
        this.tools = tools;
        this.folder = folder;
        this.port = port;
    }

    /** Copies the primary and follows it, with settings of postgresql.conf. */
    public static Replica of(TemporaryCluster primary, Tools tools, Map<String, String> settings) throws IOException {
        Path folder = Files.createTempDirectory("replica");
        Account.forServers().own(folder);
        Replica replica = new Replica(tools, folder, freePort());
        try {
            replica.copy(primary);
            replica.start(settings);
            return replica;
        } catch (IOException e) {
            replica.close();
            throw e;
        }
    }

    /** As the superuser, over the socket. */
    public String url(String database) {
        return "postgresql://postgres@" + encode(folder.toString()) + ":" + port + "/" + database;
    }

    /** Over TCP, where it asks for passwords. */
    public String url(String user, String password, String database) {
        return "postgresql://" + encode(user) + ":" + encode(password) + "@127.0.0.1:" + port + "/" + database;
    }

    public Connection connect(String database) {
        return Server.choose(DatabaseUrl.parse(url(database), Map.of())).connect();
    }

    /** Makes it a primary, on a timeline of its own, once it has all that the other wrote up to now. */
    public void promote(TemporaryCluster primary) throws SQLException {
        try (Connection there = Server.choose(
                        DatabaseUrl.parse(primary.url(TemporaryCluster.SUPERUSER, "postgres"), Map.of()))
                .connect()) {
            String written = value(there, "SELECT pg_current_wal_flush_lsn()");
            Awaitility.await()
                    .atMost(60, SECONDS)
                    .until(() -> isTrue("SELECT pg_last_wal_replay_lsn() >= '" + written + "'::pg_lsn"));
        }
        isTrue("SELECT pg_promote()");
    }

    private boolean isTrue(String question) throws SQLException {
        try (Connection here = connect("postgres")) {
            return value(here, question).equals("t");
        }
    }

    private static String value(Connection connection, String query) throws SQLException {
        return Sql.rows(connection, query, row -> row.getString(1)).get(0);
    }

    private void copy(TemporaryCluster primary) throws IOException {
        run(
                "pg_basebackup",
                "--dbname=" + primary.url(TemporaryCluster.SUPERUSER, "postgres"),
                "--pgdata=" + data(),
                "--write-recovery-conf",
                "--checkpoint=fast",
                "--no-sync");
        Files.writeString(data().resolve("pg_hba.conf"), """
                local all,replication all trust
                host all,replication all 127.0.0.1/32 scram-sha-256
                """);
    }

    private void start(Map<String, String> settings) throws IOException {
        StringBuilder options = new StringBuilder();
        append(options, "unix_socket_directories", folder.toString());
        append(options, "listen_addresses", "127.0.0.1");
        append(options, "fsync", "off");
        // no fewer than a primary of the tests allows, or it would not start
        append(options, "max_prepared_transactions", "5");
        append(options, "port", String.valueOf(port));
        settings.forEach((name, value) -> append(options, name, value));
        run(
                "pg_ctl",
                "--pgdata=" + data(),
                "--log=" + folder.resolve("log"),
                "--options=" + options,
                "--wait",
                "start");
    }

    private static void append(StringBuilder options, String name, String value) {
        options.append(" -c ").append(name).append("='").append(value).append('\'');
    }

    private Path data() {
        return folder.resolve("data");
    }

    private void run(String program, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(tools.program(program).toString()));
        command.addAll(List.of(arguments));
        Path said = Files.createTempFile("replica", ".log");
        try {
            // into a file: the server inherits it, and a pipe would not end before the server does
            int exitCode = new ProcessBuilder(Account.forServers().command(command))
                    .directory(Path.of("/").toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(said.toFile())
                    .start()
                    .onExit()
                    .join()
                    .exitValue();
            if (exitCode != 0) {
                Path log = folder.resolve("log");
                throw new IOException(
                        program + ": " + Files.readString(said) + (Files.exists(log) ? Files.readString(log) : ""));
            }
        } finally {
            Files.delete(said);
        }
    }

    @Override
    public void close() throws IOException {
        if (Files.exists(data().resolve("postmaster.pid"))) {
            run("pg_ctl", "--pgdata=" + data(), "--mode=immediate", "--wait", "stop");
        }
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).forEach(Replica::delete);
        }
    }

    private static void delete(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
