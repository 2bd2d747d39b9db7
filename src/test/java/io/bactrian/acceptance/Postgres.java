package io.bactrian.acceptance;

import io.bactrian.postgres.DatabaseUrl;
import io.bactrian.postgres.Guardian;
import io.bactrian.postgres.Server;
import io.bactrian.postgres.TemporaryCluster;
import io.bactrian.postgres.Tools;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * One real PostgreSQL server for the tests of a class, on a socket and on a port of 127.0.0.1 that asks for
 * passwords. Backups are made with the documented least-privilege role, which sql/backup-role.sql creates.
 */
final class Postgres implements AutoCloseable {
    static final String BACKUP_ROLE = "bactrian";
    static final String PASSWORD = "pw-canary-@:/?#%'";

    private final Guardian guardian;
    private final Path folder;
    private final TemporaryCluster cluster;
    private final Tools tools;

    private Postgres(Guardian guardian, Path folder, Tools tools, TemporaryCluster cluster) {
        this.guardian = guardian;
        this.folder = folder;
        this.tools = tools;
        this.cluster = cluster;
    }

    static Postgres start() throws Exception {
        return start(Tools.locateServer(Optional.empty()), Map.of());
    }

    /** Of another version, or with further settings of postgresql.conf. */
    static Postgres start(Tools tools, Map<String, String> settings) throws Exception {
        Path folder = Files.createTempDirectory("bactrian-acceptance");
        folder.toFile().setExecutable(true, false);
        Guardian guardian = new Guardian();
        Map<String, String> all =
                new HashMap<>(Map.of("wal_level", "logical", "max_prepared_transactions", "5", "autovacuum", "off"));
        all.putAll(settings);
        TemporaryCluster cluster = TemporaryCluster.startWithTcp(tools, folder, guardian, all);
        Postgres postgres = new Postgres(guardian, folder, tools, cluster);
        postgres.allowBackupsOf("postgres");
        return postgres;
    }

    TemporaryCluster cluster() {
        return cluster;
    }

    /** As the superuser, over the socket. */
    String adminUrl(String database) {
        return cluster.url(TemporaryCluster.SUPERUSER, database);
    }

    /** As the least-privilege role, over TCP, with a password that is hard to write in a URL. */
    String backupUrl(String database) {
        return cluster.url(BACKUP_ROLE, PASSWORD, database);
    }

    /** Runs sql/backup-role.sql there, as the documentation says. */
    void allowBackupsOf(String database) throws Exception {
        psql(
                database,
                "-v",
                "role=" + BACKUP_ROLE,
                "-v",
                "password=" + PASSWORD,
                "-f",
                Program.HOME.resolve("sql/backup-role.sql").toString());
    }

    /** A new database that the least-privilege role may back up. */
    String createDatabase(String name) throws Exception {
        createEmptyDatabase(name);
        allowBackupsOf(name);
        return name;
    }

    /** A new database with nothing in it, the grants of the least-privilege role neither. */
    void createEmptyDatabase(String name) throws Exception {
        sql(
                "postgres",
                "DROP DATABASE IF EXISTS " + quoted(name) + " WITH (FORCE)",
                "CREATE DATABASE " + quoted(name) + " TEMPLATE template0");
    }

    static String quoted(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }

    Connection connect(String database) {
        return server(database).connect();
    }

    private Server server(String database) {
        return Server.choose(DatabaseUrl.parse(adminUrl(database), Map.of()));
    }

    void sql(String database, String... statements) throws Exception {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    String value(String database, String query) throws Exception {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }

    boolean exists(String database) throws Exception {
        return databases().contains(database);
    }

    List<String> databases() throws Exception {
        try (Connection connection = connect("postgres");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT datname FROM pg_database ORDER BY 1")) {
            List<String> names = new ArrayList<>();
            while (rows.next()) {
                names.add(rows.getString(1));
            }
            return names;
        }
    }

    /** Everything there is to know of a database, as pg_dump writes it, without what differs from run to run; rows are sorted. */
    String dump(String database) throws Exception {
        List<String> lines = new ArrayList<>();
        List<String> rows = new ArrayList<>();
        boolean isRow = false;
        for (String line : program(database, "pg_dump", "--no-password").lines().toList()) {
            isRow &= !line.equals("\\.");
            if (isRow) {
                rows.add(line);
            } else if (!line.startsWith("\\restrict") && !line.startsWith("\\unrestrict")) {
                rows.stream().sorted().forEach(lines::add);
                rows.clear();
                lines.add(line);
                isRow = line.matches("COPY .* FROM stdin;");
            }
        }
        return String.join("\n", lines);
    }

    /** The content, and the database's own owner, settings, grants and comment, whatever its name. */
    String wholeDump(String database) throws Exception {
        String create = program(database, "pg_dump", "--create", "--schema-only", "--no-password");
        String around = create.lines()
                .filter(line -> line.matches("(CREATE|ALTER|COMMENT|GRANT|REVOKE) .*DATABASE .*"))
                .map(line -> line.replace("DATABASE " + quoted(database), "DATABASE")
                        .replace("DATABASE " + database, "DATABASE"))
                .sorted() // the order of grants means nothing
                .collect(Collectors.joining("\n"));
        return dump(database) + around;
    }

    String psql(String database, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("--no-psqlrc", "--set=ON_ERROR_STOP=1"));
        command.addAll(List.of(arguments));
        return program(database, "psql", command.toArray(String[]::new));
    }

    /** Runs a client program as the superuser; returns what it printed. */
    String program(String database, String name, String... arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(tools.program(name).toString());
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        server("postgres").enter(builder.environment(), database);
        Program.Outcome outcome = Program.Running.of(builder.start()).outcome();
        if (outcome.exitCode() != 0) {
            throw new IOException(name + " failed: " + outcome.err());
        }
        return outcome.out();
    }

    /** Makes a folder that the server may write, for a tablespace. */
    Path serverFolder(String name) throws Exception {
        Path made = Files.createDirectory(folder.resolve(name));
        new Shell(folder, Map.of()).run("if [ $(id -u) = 0 ]; then chown postgres: " + made + "; fi");
        return made;
    }

    Path script(String name, String sql) throws IOException {
        return Files.writeString(folder.resolve(name), sql, StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws Exception {
        cluster.close();
        guardian.close();
        try (var left = Files.walk(folder)) {
            for (Path path : left.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    /** Gives the tests of a class their server: {@code @ExtendWith(Postgres.Shared.class)} and a parameter. */
    static final class Shared implements ParameterResolver {
        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == Postgres.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return ofClass(context)
                    .getStore(ExtensionContext.Namespace.GLOBAL)
                    .getOrComputeIfAbsent(Postgres.class, key -> started(), Postgres.class);
        }

        private static ExtensionContext ofClass(ExtensionContext context) {
            return context.getTestMethod().isEmpty()
                    ? context
                    : context.getParent().map(Shared::ofClass).orElseThrow();
        }

        private static Postgres started() {
            try {
                return start();
            } catch (Exception e) {
                throw new IllegalStateException("PostgreSQL did not start", e);
            }
        }
    }
}
