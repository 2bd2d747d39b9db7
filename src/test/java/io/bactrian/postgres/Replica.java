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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** A standby of a test's server, on a socket and a port of 127.0.0.1, that follows it until it is promoted. */
public final class Replica implements AutoCloseable {
    private final Tools tools;
    private final Path folder;
    private final int port;
    private final Guardian guardian = new Guardian();

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

    /** Waits until it has all that the other wrote up to now. */
    public void catchUp(TemporaryCluster primary) throws SQLException {
        try (Connection there = Server.choose(
                        DatabaseUrl.parse(primary.url(TemporaryCluster.SUPERUSER, "postgres"), Map.of()))
                .connect()) {
            String written = value(there, "SELECT pg_current_wal_flush_lsn()");
            Awaitility.await()
                    .atMost(60, SECONDS)
                    .until(() -> isTrue("SELECT pg_last_wal_replay_lsn() >= '" + written + "'::pg_lsn"));
        }
    }

    /** It hears no more of the primary, as when the network between them is lost. */
    public void cutOff() throws SQLException {
        try (Connection here = connect("postgres")) {
            Sql.execute(here, "ALTER SYSTEM SET primary_conninfo = ''");
            Sql.rows(here, "SELECT pg_reload_conf()", row -> row.getString(1));
        }
        Awaitility.await().atMost(60, SECONDS).until(() -> isTrue("SELECT count(*) = 0 FROM pg_stat_wal_receiver"));
    }

    /** Makes it a primary, on a timeline of its own. */
    public void promote() throws SQLException {
        isTrue("SELECT pg_promote()");
    }

    /** Where the log of the timeline before its own ended. */
    public Lsn leftTimelineAt() throws SQLException {
        try (Connection here = connect("postgres")) {
            String history = value(here, "SELECT pg_read_file('pg_wal/00000002.history')");
            return TimelineHistory.parse(2, history).ancestors().get(0).end();
        }
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
        Map<String, String> all = new HashMap<>(settings);
        all.put("unix_socket_directories", folder.toString());
        all.put("listen_addresses", "127.0.0.1");
        all.put("port", String.valueOf(port));
        all.put("fsync", "off");
        // no fewer than a primary of the tests allows, or it would not start
        all.put("max_prepared_transactions", "5");
        List<String> command = new ArrayList<>(List.of("postgres", "-D", data().toString()));
        all.forEach((name, value) -> command.addAll(List.of("-c", name + "=" + value)));
        Process server = guardian.start(program(command));
        Awaitility.await()
                .atMost(60, SECONDS)
                .failFast("the standby has ended", () -> !server.isAlive())
                .ignoreExceptions()
                .until(() -> isTrue("SELECT true"));
    }

    private Path data() {
        return folder.resolve("data");
    }

    private void run(String... command) throws IOException {
        if (guardian.start(program(List.of(command))).onExit().join().exitValue() != 0) {
            throw new IOException(log());
        }
    }

    private ProcessBuilder program(List<String> command) {
        List<String> line = new ArrayList<>(command);
        line.set(0, tools.program(command.get(0)).toString());
        return new ProcessBuilder(Account.forServers().command(line))
                .directory(Path.of("/").toFile())
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()));
    }

    private String log() {
        try {
            return Files.readString(folder.resolve("log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        guardian.close();
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
