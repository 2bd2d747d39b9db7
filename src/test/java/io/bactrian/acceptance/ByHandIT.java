package io.bactrian.acceptance;

import static io.bactrian.acceptance.LoudFailure.assertDone;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.postgres.Tools;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Point-in-time recovery without Bactrian: the very lines of docs/repository-format.md, "Recovering by hand". */
@ExtendWith(Postgres.Shared.class)
class ByHandIT {
    private static final String DATABASE = "by_hand";
    private static final String EXAMPLE_BASE = "base_2025-01-01T02-00-40-000Z";
    private static final String EXAMPLE_TIME = "2025-01-01 05:30:00+00";

    /** Everything else stands in the base's own configuration, which is initdb's. */
    private static final int PORT = freePort();

    private static Path folder;
    private static String base;
    private static String moment;

    @BeforeAll
    static void rows_before_and_after_a_moment_in_a_chain(Postgres postgres) throws Exception {
        // short, for sockets have to fit into 107 bytes
        folder = Files.createTempDirectory("hand");
        Slots.bound(postgres);
        postgres.createDatabase(DATABASE);
        postgres.sql(DATABASE, "CREATE TABLE t (said text)", "SELECT pg_switch_wal()", "CHECKPOINT");
        Program program = Program.of(folder.resolve("repository"), postgres.backupUrl(DATABASE))
                .with("BACKUP_ENCRYPTION_FORMAT", "gpg");
        Program.Outcome full = program.run("full", "--no-test");
        assertDone(full);
        base = Stored.base(folder.resolve("repository"), full.backupId())
                .manifest()
                .get("id")
                .asText();
        postgres.sql(DATABASE, "INSERT INTO t VALUES ('before')");
        moment = postgres.value(
                DATABASE,
                "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC'," + " 'YYYY-MM-DD HH24:MI:SS.US') || '+00'");
        postgres.sql(DATABASE, "INSERT INTO t VALUES ('after')");
        assertDone(program.run("incremental", "--no-test"));
        Slots.dropAll(postgres);
    }

    @AfterEach
    void end_server_and_agent() throws Exception {
        // each may have never begun
        as_the_servers_user(programs() + "/pg_ctl --pgdata=\"$NEW\" stop --mode=immediate; gpgconf --kill all; true");
    }

    @AfterAll
    static void remove_it() throws Exception {
        new Shell(Path.of("/"), Map.of()).run("rm -rf " + folder);
    }

    @Test
    void the_lines_of_the_documentation_recover_to_a_moment() throws Exception {
        String lines = documented().replace(EXAMPLE_BASE, base).replace(EXAMPLE_TIME, moment);
        Path script = Files.writeString(folder.resolve("recover"), "set -eu -o pipefail\n" + lines);
        Path gnupg = Files.createDirectory(folder.resolve("gnupg"));
        Path passphrase = Files.writeString(gnupg.resolve("passphrase"), Program.PASSPHRASE);
        Files.writeString(gnupg.resolve("gpg.conf"), "pinentry-mode loopback\npassphrase-file " + passphrase + "\n");
        new Shell(folder, Map.of())
                .run("chmod 0700 gnupg; if [ $(id -u) = 0 ]; then chown -R postgres: " + folder + "; fi");

        as_the_servers_user("PATH=" + programs() + ":$PATH bash " + script);

        assertThat(as_the_servers_user("psql -U postgres -At -c 'SELECT said FROM t' " + DATABASE)
                        .out())
                .isEqualTo("before\n");
    }

    private static String documented() throws IOException {
        String page = Files.readString(Program.HOME.resolve("docs/repository-format.md"));
        int from = page.indexOf("## Recovering by hand");
        return page.substring(from, page.indexOf("\n## ", from))
                .lines()
                .filter(line -> line.startsWith("    ") || line.isEmpty())
                .map(line -> line.isEmpty() ? line : line.substring(4))
                .collect(Collectors.joining("\n"));
    }

    private static Program.Outcome as_the_servers_user(String line) throws Exception {
        Map<String, String> environment = Map.of(
                "REPO", folder.resolve("repository").toString(),
                "NEW", folder.resolve("new").toString(),
                "GNUPGHOME", folder.resolve("gnupg").toString(),
                "PGPORT", String.valueOf(PORT),
                "LC_ALL", "C.UTF-8");
        boolean root = "root".equals(System.getProperty("user.name"));
        return new Shell(folder, environment)
                .run(
                        root
                                ? List.of("runuser", "-u", "postgres", "--", "bash", "-c", line)
                                : List.of("bash", "-c", line),
                        "");
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static Path programs() {
        return Tools.locateServer(Optional.empty()).program("pg_ctl").getParent();
    }
}
