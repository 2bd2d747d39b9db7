package io.bactrian.postgres;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;

/** A real PostgreSQL server for one test class, on a loopback port, gone afterwards. */
final class ScratchServer implements AutoCloseable {
    private static final Path PROGRAMS = Path.of("/usr/lib/postgresql/15/bin");

    private final Path folder;
    private final int port;

    private ScratchServer(Path folder, int port) {
        this.folder = folder;
        this.port = port;
    }

    static ScratchServer start() throws IOException {
        Path folder = Files.createTempDirectory("scratch");
        asServer("chown", "postgres", folder.toString());
        int port = freePort();
        ScratchServer server = new ScratchServer(folder, port);
        server.asPostgres(
                "initdb", "-D", server.data(), "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "-N");
        String options =
                "-p %d -k %s -c listen_addresses=127.0.0.1 -c fsync=off -c wal_level=logical -c max_prepared_transactions=5"
                        .formatted(port, folder);
        server.asPostgres("pg_ctl", "-D", server.data(), "-o", options, "-l", folder + "/log", "-w", "start");
        return server;
    }

    /** Makes a folder that the server's account may write, for a tablespace. */
    Path tablespaceFolder(String name) throws IOException {
        Path tablespace = Files.createDirectory(folder(name));
        asServer("chown", "postgres", tablespace.toString());
        return tablespace;
    }

    Path folder(String name) {
        return folder.resolve(name);
    }

    Connection connect(String user, String database) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        properties.setProperty("PGPORT", Integer.toString(port));
        properties.setProperty("PGHOST", "127.0.0.1");
        properties.setProperty("PGDBNAME", database);
        return DriverManager.getConnection("jdbc:postgresql://", properties);
    }

    Connection connect(String database) throws SQLException {
        return connect("postgres", database);
    }

    void sql(String database, String... statements) throws SQLException {
        try (Connection connection = connect(database)) {
            for (String statement : statements) {
                Sql.execute(connection, statement);
            }
        }
    }

    String value(String database, String query) throws SQLException {
        try (Connection connection = connect(database)) {
            return Sql.rows(connection, query, row -> row.getString(1)).get(0);
        }
    }

    /** Runs a client program and returns what it printed; a failure if it failed. */
    String run(String user, String database, String... command) throws IOException {
        Outcome outcome = outcome(user, database, command);
        if (outcome.exitCode() != 0) {
            throw new IOException(String.join(" ", command) + ": " + outcome.errors());
        }
        return outcome.output();
    }

    Outcome outcome(String user, String database, String... command) throws IOException {
        List<String> line = new ArrayList<>(List.of(command));
        line.set(0, PROGRAMS.resolve(command[0]).toString());
        ProcessBuilder builder = new ProcessBuilder(line);
        builder.environment().put("PGHOST", "127.0.0.1");
        builder.environment().put("PGPORT", Integer.toString(port));
        builder.environment().put("PGUSER", user);
        builder.environment().put("PGDATABASE", database);
        return finish(builder);
    }

    record Outcome(int exitCode, String output, String errors) {}

    @Override
    public void close() throws IOException {
        asPostgres("pg_ctl", "-D", data(), "-m", "immediate", "-w", "stop");
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(path -> path.toFile().delete());
        }
    }

    private String data() {
        return folder + "/data";
    }

    private void asPostgres(String program, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("runuser", "-u", "postgres", "--"));
        command.add(PROGRAMS.resolve(program).toString());
        command.addAll(List.of(arguments));
        asServer(command.toArray(String[]::new));
    }

    private static void asServer(String... command) throws IOException {
        Outcome outcome =
                finish(new ProcessBuilder(command).directory(Path.of("/tmp").toFile()));
        if (outcome.exitCode() != 0) {
            throw new IOException(String.join(" ", command) + ": " + outcome.errors());
        }
    }

    private static Outcome finish(ProcessBuilder builder) throws IOException {
        Path errors = Files.createTempFile("scratch", ".err");
        Path output = Files.createTempFile("scratch", ".out");
        try {
            Process process = builder.redirectError(errors.toFile())
                    .redirectOutput(output.toFile())
                    .start();
            int exitCode = process.onExit().join().exitValue();
            return new Outcome(exitCode, Files.readString(output), Files.readString(errors));
        } finally {
            Files.delete(errors);
            Files.delete(output);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
