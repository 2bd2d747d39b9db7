package io.bactrian.cli;

import io.bactrian.Failure;
import io.bactrian.config.Settings;
import io.bactrian.postgres.DatabaseUrl;
import io.bactrian.postgres.Guardian;
import io.bactrian.postgres.Server;
import io.bactrian.postgres.TemporaryCluster;
import io.bactrian.postgres.Tools;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.commons.io.file.PathUtils;

/** What {@code bactrian demo} plays on: a cluster, a repository, and this program run as a user would. */
final class DemoStage implements AutoCloseable {
    private static final String DATABASE = "shop";
    private static final String BACKUP_ROLE = "bactrian";
    private static final int PASSPHRASE_BYTES = 24;

    private final Settings settings;
    private final Path folder;
    private final Guardian guardian;
    private final Tools tools;
    private final TemporaryCluster cluster;
    private final String passphrase;
    private DemoBucket bucket;

    private DemoStage(Settings settings, Path folder, Guardian guardian, Tools tools, TemporaryCluster cluster) {
        this.settings = settings;
        this.folder = folder;
        this.guardian = guardian;
        this.tools = tools;
        this.cluster = cluster;
        byte[] random = new byte[PASSPHRASE_BYTES];
        new SecureRandom().nextBytes(random);
        this.passphrase = Base64.getEncoder().encodeToString(random);
    }

    /** All of it lies in the cluster's folder and goes with it, also when this program is ended half way. */
    static DemoStage set(Settings settings, Guardian guardian, Tools tools, TemporaryCluster cluster)
            throws IOException {
        return new DemoStage(settings, cluster.folder("demo"), guardian, tools, cluster);
    }

    /** From now on all that runs has a bucket, too. */
    void addBucket() throws IOException {
        bucket = DemoBucket.open(home(), folder, guardian);
    }

    /** As a fire would, or a thief. */
    void loseBackups() throws IOException {
        PathUtils.deleteDirectory(folder.resolve("backups"));
    }

    Path home() {
        return settings.home();
    }

    /** Runs this program with the least-privilege role; its output is the user's to see. */
    void bactrian(String... arguments) throws Exception {
        run(BACKUP_ROLE, arguments);
    }

    /** The same as superuser, as restores of whole databases need it. */
    void asAdministrator(String... arguments) throws Exception {
        run(TemporaryCluster.SUPERUSER, arguments);
    }

    private void run(String user, String... arguments) throws Exception {
        List<String> command =
                new ArrayList<>(List.of(home().resolve("bactrian").toString()));
        command.addAll(List.of(arguments));
        System.out.println("$ bactrian " + String.join(" ", arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .redirectError(folder.resolve("messages").toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("BACKUP_") || name.startsWith("PG"));
        builder.environment().put("DATABASE_URL", cluster.url(user, DATABASE));
        builder.environment().put("BACKUP_DIR", folder.resolve("backups").toString());
        builder.environment().put("BACKUP_ENCRYPTION_KEY", passphrase);
        if (bucket != null) {
            builder.environment().putAll(bucket.environment());
        }
        if (guardian.start(builder).waitFor() != 0) {
            throw Failure.running(
                    "`bactrian " + String.join(" ", arguments) + "` failed: "
                            + Files.readString(folder.resolve("messages")),
                    "Please report this: the demo needs nothing but PostgreSQL's programs.");
        }
    }

    void sql(String database, String sql) throws Exception {
        program(database, "psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--command=" + sql);
    }

    /** The one value that a query gives. */
    String value(String database, String query) throws Exception {
        return program(database, "psql", "--no-psqlrc", "--no-align", "--tuples-only", "--command=" + query)
                .strip();
    }

    void script(String database, Path file) throws Exception {
        program(
                database,
                "psql",
                "--no-psqlrc",
                "--quiet",
                "--output=/dev/null",
                "--set=ON_ERROR_STOP=1",
                "--file=" + file);
    }

    void script(String database, InputStream sql) throws Exception {
        Path file = folder.resolve("script.sql");
        Files.copy(sql, file);
        script(database, file);
    }

    /** The lines that pg_dump writes, without those that differ each time; sorted, since rows of a table are in no order. */
    String dump(String database) throws Exception {
        return program(database, "pg_dump", "--no-password")
                .lines()
                .filter(line -> !line.startsWith("\\restrict") && !line.startsWith("\\unrestrict"))
                .sorted()
                .collect(Collectors.joining("\n"));
    }

    private String program(String database, String name, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(tools.program(name).toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        Server.choose(DatabaseUrl.parse(cluster.url(TemporaryCluster.SUPERUSER, "postgres"), Map.of()))
                .enter(builder.environment(), database);
        Process process = guardian.start(builder);
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw Failure.running(name + " failed: " + said, "Please report this.");
        }
        return said;
    }

    @Override
    public void close() {
        if (bucket != null) {
            bucket.close();
        }
    }
}
