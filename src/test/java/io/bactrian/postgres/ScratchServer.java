package io.bactrian.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** A real PostgreSQL server for one test class, with short ways to query it and to run programs against it. */
final class ScratchServer implements AutoCloseable {
    /** The newest installed; BACKUP_PG_BIN_DIR tries another version. */
    private static final Tools TOOLS = Tools.locateServer(
            Optional.ofNullable(System.getenv("BACKUP_PG_BIN_DIR")).map(Path::of));

    private final Path folder;
    private final Guardian guardian;
    private final TemporaryCluster cluster;

    private ScratchServer(Path folder, Guardian guardian, TemporaryCluster cluster) {
        this.folder = folder;
        this.guardian = guardian;
        this.cluster = cluster;
    }

    static ScratchServer start() throws IOException {
        Path folder = Files.createTempDirectory("scratch");
        folder.toFile().setExecutable(true, false);
        Guardian guardian = new Guardian();
        Map<String, String> settings = Map.of("wal_level", "logical", "max_wal_senders", "4");
        return new ScratchServer(folder, guardian, TemporaryCluster.start(TOOLS, folder, guardian, settings));
    }

    Path folder(String name) {
        return folder.resolve(name);
    }

    /** Makes a folder that the server's account may write, for a tablespace. */
    Path serverFolder(String name) throws IOException {
        Path made = Files.createDirectory(folder(name));
        Account.forServers().own(made);
        return made;
    }

    Connection connect(String user, String database) {
        return server(user, database).connect();
    }

    Connection connect(String database) {
        return connect(TemporaryCluster.SUPERUSER, database);
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

    /** Runs a client program and returns what it printed; an exception if it failed. */
    String run(String user, String database, String... command) throws IOException {
        return succeeded(outcome(user, database, command), command);
    }

    /** Runs a client program as the superuser, its output through a pipe into a file: pg_dump writes otherwise where it can seek. */
    void runInto(Path output, String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(program(command));
        server(TemporaryCluster.SUPERUSER, "postgres").enter(builder.environment(), "postgres");
        Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try (InputStream out = process.getInputStream()) {
            Files.copy(out, output, StandardCopyOption.REPLACE_EXISTING);
        }
        succeeded(new Outcome(process.onExit().join().exitValue(), "", ""), command);
    }

    Outcome outcome(String user, String database, String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(program(command));
        server(user, database).enter(builder.environment(), database);
        return finish(builder);
    }

    /** Runs a program of this server's version as the account that may run servers. */
    static void runAsServer(String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(Account.forServers().command(program(command)));
        succeeded(finish(builder.directory(Path.of("/").toFile())), command);
    }

    String url(String database) {
        return cluster.url(TemporaryCluster.SUPERUSER, database);
    }

    record Outcome(int exitCode, String output, String errors) {}

    @Override
    public void close() throws IOException {
        cluster.close();
        guardian.close();
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(path -> path.toFile().delete());
        }
    }

    Server server(String user, String database) {
        return Server.choose(DatabaseUrl.parse(cluster.url(user, database), Map.of()));
    }

    private static List<String> program(String... command) {
        List<String> line = new ArrayList<>(List.of(command));
        line.set(0, TOOLS.program(command[0]).toString());
        return line;
    }

    private static String succeeded(Outcome outcome, String... command) throws IOException {
        if (outcome.exitCode() != 0) {
            throw new IOException(String.join(" ", command) + ": " + outcome.errors());
        }
        return outcome.output();
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
}
